import type { NodeAPI } from 'node-red';
import { SipflowError } from '../../lib/common';
import { assertCheck, CHECK_SUBJECTS, type CheckSpec, type SoundFolders } from '../../lib/testing';
import type { StoredCheck } from '../shared/field-table';
import { kindOf, rejectUnresolvedEnv } from '../shared/field-values';
import type { FlowMessage, SipNode } from '../shared/flow-types';
import type { PhoneNode } from '../shared/phone-node';
import { filledIn } from '../shared/spoken';
import { world } from '../shared/world';

/** Types whose value a check holds itself. */
const WRITTEN: Readonly<Record<string, (value: string) => unknown>> = {
  str: (value) => value,
  re: (value) => value,
  num: Number,
  bool: (value) => value === 'true',
  json: (value) => JSON.parse(value) as unknown,
};
/** Operators without a value. */
const VALUELESS: readonly string[] = ['exists', 'absent'];

/** Evaluates the values of a node's checks for one message. Throws BAD_CONFIG naming the check. */
export async function specsOf(
  RED: Pick<NodeAPI, 'util'>,
  node: SipNode,
  stored: readonly StoredCheck[],
  msg: FlowMessage,
): Promise<CheckSpec[]> {
  return Promise.all(
    stored.map(async (check, index) => {
      const place = `Check ${index + 1} of the field "checks"`;
      const { subject, name, message, operator, severity = 'error' } = check;
      [subject, name, message, operator, severity, check.value].forEach((part) =>
        rejectUnresolvedEnv('checks', part),
      );
      const spec: CheckSpec = {
        ...{ subject, operator, severity: severity === 'warning' ? 'warning' : 'error' },
        ...(name === undefined ? {} : { name: filledIn(RED, 'checks', name, msg) }),
        ...(message === undefined || message === '' ? {} : { message }),
        ...(VALUELESS.includes(operator) ? {} : { value: await valueOf(RED, node, check, msg, place) }),
      };
      assertCheck(spec);
      return spec;
    }),
  );
}

/** Whether a check looks at a call, and not only at the message. */
export function isAboutCall({ subject }: StoredCheck): boolean {
  return CHECK_SUBJECTS.find(({ name }) => name === subject)?.of === 'call';
}

/** Where the sounds lie that are looked for in recordings of a call: those of its phone. */
export function soundFolders({ nodes }: Pick<NodeAPI, 'nodes'>, call: string | undefined): SoundFolders {
  if (call === undefined) return {};
  const found = world.calls.find(call);
  const { instance } = 'call' in found ? found.call.ref : found.tombstone.ref;
  const audioDir = (nodes.getNode(instance) as PhoneNode | null)?.engine?.options.audioDir;
  return { say: (source) => world.say(source), ...(audioDir === undefined ? {} : { audioDir }) };
}

function valueOf(
  { util }: Pick<NodeAPI, 'util'>,
  node: SipNode,
  { value, valueType = 'str' }: StoredCheck,
  msg: FlowMessage,
  place: string,
): Promise<unknown> {
  const bad = (cause: unknown): SipflowError => {
    const why = cause instanceof Error ? cause.message : String(cause);
    const sentence = `${place}: its value ${kindOf(value)} cannot be evaluated: ${why}`;
    return new SipflowError('BAD_CONFIG', sentence, { cause });
  };
  return new Promise((resolve, reject) => {
    try {
      // A flow written by hand may hold a number or a list where the editor would store text.
      if (typeof value !== 'string') return resolve(value);
      const written = WRITTEN[valueType];
      if (written) return resolve(written(value));
      util.evaluateNodeProperty(value, valueType, node, msg, (error, result: unknown) =>
        error ? reject(bad(error)) : resolve(result),
      );
    } catch (error) {
      reject(bad(error));
    }
  });
}
