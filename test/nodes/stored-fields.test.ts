import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { NodeAPI } from 'node-red';
import util from '@node-red/util';
import { world } from '../../nodes/shared/world';
import { toPhoneOptions } from '../../nodes/sip-instance/options';
import type { SipNodeDef } from '../../nodes/shared/flow-types';
import { Users } from '../../nodes/shared/users';
import { editorNode, missingFields, nodeSets, type NodeSet } from '../package/support/editor';

const sets = nodeSets();
const instance = sets.find(({ type }) => type === 'sip-instance') as NodeSet;

/** What no node has a default for. */
const NEEDED: Record<string, Record<string, unknown>> = {
  'sip-make-call': { instance: 'phone', target: '1002' },
  'sip-incoming-call': { instance: 'phone' },
  'sip-call-events': { instance: 'phone' },
  'sip-play-audio': { source: 'silence' },
  'sip-send-dtmf': { digits: '1' },
  'sip-transfer': { target: '1002' },
};
/** Fields that say which others are read. */
const VARIANTS: Record<string, Record<string, unknown>[]> = {
  'sip-transfer': [{ kind: 'attended' }, { kind: 'accept' }],
  'sip-receive-dtmf': [{ mode: 'stream' }],
  'sip-instance': [
    { mode: 'network' },
    { mode: 'network', registrar: 'pbx.example.com' },
    { mode: 'network', transport: 'wss', jitterBuffer: 'fixed', srtp: 'required' },
  ],
};
/** A value that may stand in a field whose type was left out. */
const SAMPLES: Record<string, unknown> = {
  headers: '{"X-Lab":"7"}',
  codecs: 'PCMA',
  bargeIn: '12',
  call: 'call',
};

describe('fields that a stored node lacks', () => {
  for (const set of sets) {
    const needed = NEEDED[set.type] ?? {};
    for (const variant of [{}, ...(VARIANTS[set.type] ?? [])]) {
      it(`${set.type} ${JSON.stringify(variant)}: the run time takes for them what a new node has`, async () => {
        const stored = { dn: '1001', ...needed, ...variant };
        const defaults = plain(editorNode(set.definition));
        const read = await readsOf(set, stored);
        assert.deepEqual(read, await readsOf(set, { ...defaults, ...stored }));
        assert.ok(read.length > 0);
      });
    }

    it(`${set.type}: the form takes for them what the run time takes, whichever are stored`, async () => {
      const fields = Object.keys(set.definition.defaults);
      const some: Record<string, unknown>[] = [{}];
      for (const field of fields) {
        const sample = SAMPLES[field] ?? set.definition.defaults[field]?.value;
        if (sample !== '' && !(sample instanceof Object)) some.push({ [field]: sample });
      }
      for (const extra of some) {
        const stored = { dn: '1001', ...needed, ...extra };
        const shown = { ...stored, ...missingFields(stored, set.definition) };
        assert.deepEqual(
          await readsOf(set, shown),
          await readsOf(set, stored),
          `${JSON.stringify(stored)} is shown as ${JSON.stringify(shown)}`,
        );
        for (const field of Object.keys(stored))
          if (!field.endsWith('Type'))
            assert.equal(shown[field as keyof typeof shown], stored[field as keyof typeof stored]);
      }
    });
  }
});

/** What the run time makes of a stored node: a phone's options, or what a node asks of calls and phones. */
async function readsOf(set: NodeSet, stored: Record<string, unknown>): Promise<unknown[]> {
  const config = {
    id: 'node',
    type: set.type,
    z: 'tab',
    name: '',
    wires: [],
    ...stored,
  } as unknown as SipNodeDef;
  if (set === instance)
    return plain([
      toPhoneOptions(config, {
        folders: { sounds: '/data', recordings: '/data' },
        tls: { cert: 'c', key: 'k' },
      }),
    ]);
  const asked: unknown[] = [];
  const node = await run(set, config, asked);
  node.emit('close', false, () => undefined);
  return asked;
}

/** Runs a node in a runtime that notes what is asked of its calls and phones, and answers nothing to what takes time. */
async function run(set: NodeSet, config: SipNodeDef, asked: unknown[]): Promise<EventEmitter> {
  const phone = {
    type: 'sip-instance',
    usedBy: new Users(),
    started: Promise.resolve(),
    engine: recorder('phone', asked),
  };
  let constructor: ((this: EventEmitter, config: SipNodeDef) => void) | undefined;
  const RED = {
    util: util.util,
    events: new EventEmitter(),
    httpAdmin: { get: () => undefined, post: () => undefined },
    hooks: { add: () => undefined, remove: () => undefined },
    log: { addHandler: () => undefined, removeHandler: () => undefined },
    auth: { needsPermission: () => undefined },
    settings: {},
    nodes: {
      createNode: (node: object) =>
        Object.assign(node, {
          id: config.id,
          type: set.type,
          status: () => undefined,
          send: () => asked.push('sent'),
        }),
      registerType: (_type: string, made: typeof constructor) => (constructor = made),
      getNode: () => phone,
      eachNode: () => undefined,
    },
  } as unknown as NodeAPI;
  const { default: module } = (await import(`${set.folder}/${set.name}`)) as {
    default: (RED: NodeAPI) => void;
  };
  module(RED);
  const node = new EventEmitter();
  const callOf = (name: unknown) => recorder(String(name), asked) as never;
  // Before the methods of its class, until they are taken away again.
  Object.assign(world.calls, { live: callOf, find: (name: unknown) => ({ call: callOf(name) }) });
  try {
    constructor?.call(node, config);
    const msg = { _msgid: '1', call: 'A', peer: 'B', consult: 'C' };
    const finished = new Promise(
      (resolve) =>
        node.emit(
          'input',
          msg,
          (out: unknown) => asked.push(['send', Array.isArray(out) ? out.length : 1]),
          resolve,
        ) || resolve(undefined),
    );
    const error = await Promise.race([finished, turns(20)]);
    if (error instanceof Error) asked.push(error.message);
  } finally {
    for (const method of ['live', 'find']) Reflect.deleteProperty(world.calls, method);
  }
  return node;
}

/** Lets everything go on that waits for nothing from outside. */
async function turns(count: number): Promise<undefined> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A thing whose every method notes that it was called, and with what. */
function recorder(name: string, asked: unknown[]): object {
  const facts: Record<string, unknown> = { id: name, state: 'answered', ref: { id: name } };
  return new Proxy(facts, {
    get: (target, property) => {
      if (property in target || typeof property === 'symbol') return target[String(property)];
      if (property === 'then') return undefined;
      if (property === 'finished' || property === 'outcome') return new Promise(() => undefined);
      return (...args: unknown[]) => {
        const [event, listener] = args as [string, (told: object) => void];
        if (property === 'on' && event === 'callEvent') listener({ event: 'dtmf', call: {} });
        if (property === 'on') return () => undefined;
        asked.push([name, property, plain(args)]);
        return property === 'onCall' || property === 'streamDigits'
          ? () => undefined
          : Promise.resolve(recorder(`${name}.${property}`, asked));
      };
    },
  });
}

const plain = <T>(value: T): T =>
  JSON.parse(
    JSON.stringify(value, (_key, each: unknown) => (each instanceof AbortSignal ? undefined : each)),
  ) as T;
