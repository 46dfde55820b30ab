import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Call, Running } from '../../lib/calls';
import { SipflowError } from '../../lib/common/errors';
import { controlAction, RunningByCall } from '../../nodes/shared/control';
import { toCodecList, toHeaders, toNumber } from '../../nodes/shared/field-values';
import type { SipNode } from '../../nodes/shared/flow-types';
import { onInput, until, type InputHandler } from '../../nodes/shared/on-input';
import { worldlyFailure } from '../../nodes/shared/outputs';
import { calmStatuses, NodeStatus, STATUS_LOOKS } from '../../nodes/shared/status';
import { toPhoneOptions } from '../../nodes/sip-instance/options';

/** The little of a Node-RED node that the kit touches. */
class FakeNode extends EventEmitter {
  readonly statuses: { fill?: string; shape?: string; text?: string }[] = [];
  readonly done: unknown[] = [];

  status(status: { fill?: string; shape?: string; text?: string }): void {
    this.statuses.push(status);
  }

  get shown(): string {
    const { fill = '', shape = '', text = '' } = this.statuses.at(-1) ?? {};
    return `${fill} ${shape} ${text}`;
  }

  receive(msg: object = {}): void {
    this.emit(
      'input',
      msg,
      () => undefined,
      (error?: unknown) => this.done.push(error),
    );
  }
}

const asNode = (node: FakeNode): SipNode => node as unknown as SipNode;
const codeOf = (code: string) => (error: unknown) => error instanceof SipflowError && error.code === code;

function withHandler(handler: InputHandler): { node: FakeNode; status: NodeStatus } {
  const node = new FakeNode();
  const status = new NodeStatus(asNode(node));
  onInput(asNode(node), status, handler);
  return { node, status };
}

describe('statuses while a load runs', () => {
  it('are shown once a second, the latest one', async () => {
    const endCalm = calmStatuses();
    try {
      const node = new FakeNode();
      const status = new NodeStatus(asNode(node));
      let texts = 0;
      for (let count = 1; count <= 100; count++) {
        status.rest('inCall', () => `${(texts += 1)} of ${count}`);
      }
      assert.equal(node.statuses.length, 0);
      while (node.statuses.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual([node.statuses.length, node.shown], [1, 'green dot 1 of 100']);
      node.emit('close');
    } finally {
      endCalm();
    }
  });
});

describe('onInput', () => {
  it('calls done once, without an error, when the handler is through', async () => {
    const { node } = withHandler(async () => undefined);
    node.receive();
    node.receive();
    await turn();
    assert.deepEqual(node.done, [undefined, undefined]);
  });

  it('hands what the handler throws to done, with its code and its plain sentence, and shows what went wrong', async () => {
    const { node } = withHandler(async () => {
      throw new SipflowError('BAD_DIGITS', 'Use digits.');
    });
    node.receive();
    await turn();
    const [error] = node.done as SipflowError[];
    assert.equal(node.done.length, 1);
    assert.equal(error?.code, 'BAD_DIGITS');
    assert.equal(String(error), 'Use digits.');
    assert.ok(Object.hasOwn(error ?? {}, 'code'), 'Node-RED copies only an own code');
    assert.equal(node.shown, 'red ring @sipflow/node-red-sipflow/sip-instance:short.BAD_DIGITS');
  });

  it('makes an INTERNAL error of anything else that is thrown, even synchronously', async () => {
    const { node } = withHandler(() => {
      throw new TypeError('of undefined');
    });
    node.receive();
    await turn();
    assert.equal((node.done[0] as SipflowError).code, 'INTERNAL');
  });

  it('releases a waiting handler when the node closes, once and without an error', async () => {
    let undone = 0;
    const { node } = withHandler(async (_msg, _send, signal) => {
      await until(signal, new Promise(() => undefined), () => undone++);
    });
    node.receive();
    await turn();
    assert.equal(node.done.length, 0);
    node.emit('close');
    await turn();
    assert.deepEqual(node.done, [undefined]);
    assert.equal(undone, 1);
  });

  it('does not undo what is already through when the node closes', async () => {
    let undone = 0;
    const { node } = withHandler(async (_msg, _send, signal) => {
      await until(signal, Promise.resolve(1), () => undone++);
    });
    node.receive();
    await turn();
    node.emit('close');
    assert.equal(undone, 0);
  });
});

describe('NodeStatus', () => {
  it('shows itself at once, then the one thing, then the number of things', () => {
    const node = new FakeNode();
    const status = new NodeStatus(asNode(node));
    assert.equal(node.shown, '  ');
    const first = status.begin('calling');
    assert.equal(node.shown, 'yellow ring status.calling');
    first.set('ringing');
    assert.equal(node.shown, 'yellow dot status.ringing');
    const second = status.begin('calling');
    assert.equal(node.shown, 'yellow ring calls 2');
    second.end();
    second.end();
    assert.equal(node.shown, 'yellow dot status.ringing');
    first.fail(new SipflowError('CALL_REJECTED', 'Refused.'), {
      event: 'failed',
      status: 486,
      reason: 'Busy',
    });
    assert.equal(node.shown, 'red ring 486 Busy');
    status.begin('playing').end();
    assert.equal(node.shown, '  ');
  });

  it('follows a call to its end', () => {
    const node = new FakeNode();
    let end = (): void => undefined;
    const call = {
      state: 'answered',
      ref: { direction: 'in', from: 'sip:1002@example.com', to: 'sip:1001@example.com' },
      on: (_event: string, listener: () => void) => {
        end = listener;
        return () => undefined;
      },
    };
    new NodeStatus(asNode(node)).begin('calling').follow(call as unknown as Call);
    assert.equal(node.shown, 'green dot 1002 · 00:00');
    end();
    assert.equal(node.shown, '  ');
  });

  it('stays silent after the node closed, when another node has its id', () => {
    const node = new FakeNode();
    const activity = new NodeStatus(asNode(node)).begin('waiting');
    node.emit('close');
    activity.end();
    assert.equal(node.shown, 'blue dot status.waiting');
  });

  it('gives each colour one meaning', () => {
    const fill = (kind: keyof typeof STATUS_LOOKS) => STATUS_LOOKS[kind].fill;
    assert.deepEqual(
      [fill('idle'), fill('calling'), fill('ringing'), fill('inCall'), fill('playing'), fill('failed')],
      ['grey', 'yellow', 'yellow', 'green', 'blue', 'red'],
    );
  });
});

describe('RunningByCall', () => {
  const running = (log: string[]): Running<unknown> => ({
    finished: Promise.resolve(),
    stop: () => log.push('stop'),
    pause: () => log.push('pause'),
    resume: () => log.push('resume'),
  });

  it('keeps what is asked while a playback starts, and applies it then', () => {
    const log: string[] = [];
    const playing = new RunningByCall();
    const slot = playing.open('a');
    playing.control('a', 'pause');
    playing.control('a', 'stop');
    slot.attach(running(log));
    assert.deepEqual(log, ['pause', 'stop']);
  });

  it('reaches the call that is meant only, and raises CALL_STATE when nothing runs on it', () => {
    const log: string[] = [];
    const playing = new RunningByCall();
    const slot = playing.open('a');
    slot.attach(running(log));
    assert.throws(() => playing.control('b', 'stop'), codeOf('CALL_STATE'));
    playing.control('a', 'resume');
    slot.release();
    assert.throws(() => playing.control('a', 'stop'), codeOf('CALL_STATE'));
    assert.deepEqual(log, ['resume']);
  });

  it('takes stop, pause and resume for control, and nothing else', () => {
    assert.equal(controlAction({ _msgid: '', action: 'stop' }), 'stop');
    for (const action of ['STOP', 'play', undefined, 1]) {
      assert.equal(controlAction({ _msgid: '', action }), undefined);
    }
  });
});

describe('field values', () => {
  it('reads numbers within their limits and says the limits otherwise', () => {
    assert.equal(toNumber('n', '2.5', { fallback: 1 }), 2.5);
    assert.equal(toNumber('n', '', { fallback: 1 }), 1);
    assert.throws(() => toNumber('n', '4', { fallback: 1, min: 0, max: 3 }), /from 0 to 3; it is "4"/);
    for (const value of ['x', true, {}, [], NaN, Infinity]) {
      assert.throws(() => toNumber('n', value, { fallback: 1 }), codeOf('BAD_CONFIG'), JSON.stringify(value));
    }
  });

  it('reads headers with one or several values, and refuses what would break out of a header', () => {
    assert.deepEqual(toHeaders('headers', { 'X-A': 'b', 'X-N': 7, 'X-L': ['c', 'd'] }), {
      'X-A': 'b',
      'X-N': '7',
      'X-L': ['c', 'd'],
    });
    for (const value of ['x', [], null, { 'bad name': 'x' }, { A: 'b\r\nC: d' }, { A: {} }, { A: ['x\n'] }]) {
      assert.throws(() => toHeaders('headers', value), codeOf('BAD_CONFIG'), JSON.stringify(value));
    }
  });

  it('pitfall 13: reads codecs from text and lists in any spelling', () => {
    assert.deepEqual(toCodecList('codecs', 'pcma, G.711u;opus'), ['PCMA', 'PCMU', 'OPUS']);
    assert.deepEqual(toCodecList('codecs', ['µ-law']), ['PCMU']);
    assert.equal(toCodecList('codecs', []), undefined);
    for (const value of ['PCMX', [7], 7])
      assert.throws(() => toCodecList('codecs', value), codeOf('BAD_CONFIG'));
  });

  it('splits faults of the world from faults of the flow', () => {
    assert.equal(worldlyFailure(new SipflowError('FILE_ACCESS', 'full')).code, 'FILE_ACCESS');
    assert.throws(() => worldlyFailure(new SipflowError('BAD_AUDIO', 'no')), codeOf('BAD_AUDIO'));
    assert.throws(() => worldlyFailure(new Error('?')), codeOf('INTERNAL'));
  });
});

describe('options of a sip-instance', () => {
  const folders = { sounds: '/u', recordings: '/r' };
  const config = (fields: object = {}) => ({
    id: 'i',
    type: 'sip-instance',
    z: '',
    name: '',
    dn: '1001',
    ...fields,
  });

  it('fills what is blank from the table of defaults', () => {
    const options = toPhoneOptions(config(), { folders });
    assert.deepEqual(options.codecs, ['PCMU', 'PCMA']);
    assert.equal(options.name, '1001');
    assert.equal(options.mode, 'simulation');
    assert.equal(options.rtpPortMin, 10000);
    assert.equal(options.rtpPortMax, 19999);
    assert.equal(options.maxCalls, 200);
    assert.equal(options.maxCallDuration, 7200);
    assert.equal(options.audioDir, '/u');
    assert.equal(options.recordingsDir, '/r/sip-recordings');
  });

  it('keeps simulation on the loopback interface, whatever the hidden fields say', () => {
    const hidden = {
      bindAddress: '0.0.0.0',
      port: '5060',
      domain: 'example.com',
      advertisedAddress: '198.51.100.1',
    };
    const simulated = toPhoneOptions(config(hidden), { folders });
    assert.equal(simulated.bindAddress, '127.0.0.1');
    assert.equal(simulated.port, 0);
    assert.equal(simulated.domain, undefined);
    assert.equal(simulated.advertisedAddress, undefined);
    const network = toPhoneOptions(config({ ...hidden, mode: 'network' }), { folders });
    assert.equal(network.bindAddress, '0.0.0.0');
    assert.equal(network.port, 5060);
    assert.equal(network.domain, 'example.com');
  });

  it('takes the proxy in network mode only, user and password in both', () => {
    const fields = { outboundProxy: 'proxy.example.com', authUser: 'alice' };
    const simulated = toPhoneOptions(config(fields), { folders, password: 'secret' });
    assert.deepEqual(
      [simulated.outboundProxy, simulated.authUser, simulated.password],
      [undefined, 'alice', 'secret'],
    );
    const network = toPhoneOptions(config({ ...fields, mode: 'network' }), {
      folders,
      password: ' secret ',
    });
    assert.deepEqual(
      [network.outboundProxy, network.authUser, network.password],
      ['proxy.example.com', 'alice', ' secret '],
    );
    assert.throws(
      () => toPhoneOptions(config({ mode: 'network' }), { folders, password: '${UNSET}' }),
      codeOf('BAD_CONFIG'),
    );
  });

  it('registers where its registrar says, and completes numbers with the registrar when it has no domain', () => {
    const at = (fields: object) => toPhoneOptions(config({ mode: 'network', ...fields }), { folders });
    const registered = at({ registrar: 'sip:pbx.example.com:5070;transport=udp', registerExpires: '120' });
    assert.equal(registered.registrar, 'sip:pbx.example.com:5070;transport=udp');
    assert.equal(registered.registerExpires, 120);
    assert.equal(registered.domain, 'pbx.example.com:5070');
    assert.equal(at({ registrar: 'pbx.example.com', domain: 'example.org' }).domain, 'example.org');
    const idle = at({ registrar: 'pbx.example.com', register: false });
    assert.deepEqual(
      [idle.registrar, idle.register, idle.domain],
      ['pbx.example.com', false, 'pbx.example.com'],
    );
    assert.throws(() => at({ registrar: 'pbx.example.com', registerExpires: '5' }), codeOf('BAD_CONFIG'));
  });

  it('hands certificates to the transports that use them only', () => {
    const tls = { ca: 'PEM' };
    const of = (transport: string) => toPhoneOptions(config({ transport }), { folders, tls });
    for (const transport of ['tls', 'wss']) {
      assert.deepEqual(of(transport).tls, { ...tls, requireClientCertificate: false });
    }
    for (const transport of ['udp', 'tcp', 'ws']) assert.equal(of(transport).tls, undefined);
    assert.throws(() => of('sctp'), codeOf('BAD_CONFIG'));
  });

  it('starts relative folders at the user directory and leaves absolute ones alone', () => {
    const options = toPhoneOptions(config({ audioDir: 'sounds', recordingsDir: '/var/calls' }), {
      folders,
    });
    assert.equal(options.audioDir, '/u/sounds');
    assert.equal(options.recordingsDir, '/var/calls');
  });
});
