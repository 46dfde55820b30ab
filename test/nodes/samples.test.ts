import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FlowMessage } from '../../nodes/shared/flow-types';
import { Bench, callOf, phone, type FlowNode } from './support/bench';
import { answeredCall, ringingCall } from './support/calls';
import { RawPeer, response, SDP } from '../wire/sip/support/raw-peer';

const ROOT = resolve(__dirname, '../..');
const SAMPLES = join(ROOT, 'docs/samples');
/** What the flows of these tests themselves put on a message. */
const GIVEN = ['_msgid', 'peer', 'sound', 'keys', 'first', 'to'];
/** Statistics that are there only once something was measured, such as a round trip. */
const SOMETIMES = 'msg.callInfo.rtp';

type Samples = Record<string, Record<string, unknown>>;

function samplesOf(type: string): Samples {
  return JSON.parse(readFileSync(join(SAMPLES, `${type}.json`), 'utf8')) as Samples;
}

/**
 * Compares what a node has added to a message with the sample of an output: the same properties at any depth, of the same
 * types. A list is compared by its first element, headers are left alone, and `null` stands for any type.
 */
function assertSample(type: string, output: string, msg: FlowMessage): void {
  const sample = samplesOf(type)[output] ?? {};
  const given = [...GIVEN, 'call'].filter((key) => !(key in sample));
  const added = Object.entries(msg).filter(([key]) => !given.includes(key));
  assert.deepEqual(differences(sample, Object.fromEntries(added)), [], `sample of "${output}" of ${type}`);
}

function differences(sample: unknown, real: unknown, path = 'msg'): string[] {
  if (sample === null || real === null || path.endsWith('.headers')) return [];
  if (typeof sample !== typeof real) return [`${path} is ${typeof real}, in the sample ${typeof sample}`];
  if (typeof sample !== 'object') return [];
  const [shown, found] = [sample as Record<string, unknown>, real as Record<string, unknown>];
  if (Array.isArray(sample)) return sample.length > 0 ? differences(shown[0], found[0], `${path}[0]`) : [];
  return [...new Set([...Object.keys(shown), ...Object.keys(found)])]
    .filter((key) => found[key] !== undefined || !path.startsWith(SOMETIMES))
    .flatMap((key) => differences(shown[key], found[key], `${path}.${key}`));
}

/** The node under test, with a collector for each output, named as the output is. */
function node(type: string, fields: Record<string, unknown> = {}): FlowNode {
  return { id: 'node', type, ...fields, wires: Object.keys(samplesOf(type)).map((output) => [output]) };
}

const end = { id: 'end', type: 'sip-hangup', wires: [['over']] };
const press = {
  id: 'press',
  type: 'sip-send-dtmf',
  digits: 'keys',
  digitsType: 'msg',
  wires: [['sent'], ['unsent']],
};
/** Phone 1001 calls; the outputs are collected as `answered`, `progress` and `failed`. */
const dial = {
  ...{ id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002' },
  wires: [['answered'], ['progress'], ['failed']],
};

/** The sources in a folder, without their comments. */
function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, ''));
}

describe('the samples of the node reference', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  /** The next messages of these outputs are as their samples. */
  const expect = async (type: string, ...outputs: string[]): Promise<void> => {
    for (const output of outputs) assertSample(type, output, await bench.next(output));
  };

  it('have every output of every node, in order', () => {
    for (const name of readdirSync(SAMPLES).filter((file) => file.startsWith('sip-'))) {
      const type = name.replace('.json', '');
      const short = type.replace('sip-', '');
      const folder = short.endsWith('-dtmf') ? 'dtmf' : short;
      const catalogue = join(ROOT, `nodes/${folder}/locales/en-US/${short}.json`);
      const { output } = JSON.parse(readFileSync(catalogue, 'utf8')) as { output: object };
      assert.deepEqual(Object.keys(samplesOf(type)), Object.keys(output), type);
    }
  });

  it('have a flow that runs as it is written', async () => {
    const flow = JSON.parse(readFileSync(join(SAMPLES, 'flow.json'), 'utf8')) as FlowNode[];
    await bench.load(
      ...flow
        .filter(({ type }) => !['tab', 'inject', 'debug'].includes(type))
        .map(({ z: _z, ...rest }) => rest),
    );
    bench.send('dial');
    const { dtmf } = await bench.next('result');
    assert.equal((dtmf as { digits: string }).digits, '12');
  });

  it('are true of sip-make-call, sip-incoming-call and sip-answer', async () => {
    const pick = { id: 'pick', type: 'sip-answer', wires: [['picked'], ['unpicked']] };
    const ring = { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['call', 'pick']] };
    await bench.load(phone('1001'), phone('1002'), dial, ring, pick);
    bench.send('dial');
    await expect('sip-incoming-call', 'call');
    await expect('sip-make-call', 'progress', 'answered');
    assertSample('sip-answer', 'answered', await bench.next('picked'));
    await bench.unload();

    await bench.load(phone('1001'), phone('1002'), dial, ring, { ...pick, codecs: 'G722' });
    bench.send('dial');
    assertSample('sip-answer', 'failed', await bench.next('unpicked'));
    await expect('sip-make-call', 'failed');
  });

  it('are true of sip-test-case and sip-expect', async () => {
    const rows = JSON.stringify([{ to: '1002' }]);
    await bench.load(
      ...[phone('1001'), phone('1002')],
      { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
      { id: 'pick', type: 'sip-answer', wires: [[], []] },
      {
        ...{ id: 'case', type: 'sip-test-case', title: 'The menu answers', tags: ['smoke'] },
        ...{ rows, rowsType: 'json', wires: [['start', 'dial'], ['verdict'], ['done']] },
      },
      { ...dial, wires: [['pass'], [], []] },
      {
        ...{ id: 'pass', type: 'sip-expect', wires: [['passed', 'node'], []] },
        checks: [{ subject: 'codec', operator: 'is', value: 'PCMU', valueType: 'str', severity: 'error' }],
      },
      {
        ...{ id: 'node', type: 'sip-expect', stop: false, wires: [[], ['failed', 'stop']] },
        checks: [{ subject: 'codec', operator: 'is', value: 'PCMA', valueType: 'str', severity: 'error' }],
      },
      {
        ...{ id: 'stop', type: 'sip-expect', wires: [[], []] },
        checks: [{ subject: 'codec', operator: 'is', value: 'PCMA', valueType: 'str', severity: 'error' }],
      },
    );
    bench.send('case');
    await expect('sip-test-case', 'start', 'verdict', 'done');
    const own = (msg: FlowMessage) => ({
      _msgid: msg._msgid,
      ...(msg.failure ? { failure: msg.failure } : {}),
    });
    for (const output of ['passed', 'failed'])
      assertSample('sip-expect', output, own(await bench.next(output)));
  });

  it('are true of sip-reject', async () => {
    const { callee } = await ringingCall(bench, node('sip-reject', { statusCode: '486' }));
    bench.send('node', { call: callee });
    await expect('sip-reject', 'rejected');
  });

  it('are true of sip-early-media', async () => {
    const early = node('sip-early-media', { source: 'sipflow:beep' });
    const { callee } = await ringingCall(bench, early);
    bench.send('node', { call: callee });
    await expect('sip-early-media', 'started', 'done');
    await bench.unload();

    const second = await ringingCall(bench, { ...early, source: 'silence', loop: true }, end);
    bench.send('node', { call: second.callee });
    await bench.next('started');
    bench.send('end', { call: second.caller });
    await expect('sip-early-media', 'failed');
  });

  it('are true of sip-play-audio', async () => {
    const play = node('sip-play-audio', {
      source: 'sound',
      sourceType: 'msg',
      bargeIn: 'any',
      bargeInType: 'any',
    });
    const { caller, callee } = await answeredCall(bench, play, press, end);
    bench.send('node', { call: caller, sound: 'sipflow:beep' });
    await expect('sip-play-audio', 'started', 'completed');
    bench.send('node', { call: caller, sound: 'silence' });
    await expect('sip-play-audio', 'started');
    bench.send('press', { call: callee, keys: '1' });
    await expect('sip-play-audio', 'interrupted');
    bench.send('node', { call: caller, sound: 'silence' });
    await expect('sip-play-audio', 'started');
    bench.send('end', { call: caller });
    await expect('sip-play-audio', 'ended');
  });

  it('are true of sip-record and sip-call-info', async () => {
    const recorder = node('sip-record', { file: 'call.wav', terminator: '#' });
    const ask = { id: 'ask', type: 'sip-call-info', wires: [['info']] };
    const { caller, callee } = await answeredCall(bench, recorder, ask, press);
    bench.send('node', { call: caller });
    await expect('sip-record', 'started');
    bench.send('ask', { call: caller });
    await expect('sip-call-info', 'info');
    bench.send('press', { call: callee, keys: '#' });
    await expect('sip-record', 'finished');
    await bench.unload();

    const folder = join(bench.userDir, 'sip-recordings');
    rmSync(folder, { recursive: true, force: true });
    writeFileSync(folder, 'a file where the folder should be');
    const second = await answeredCall(bench, recorder);
    bench.send('node', { call: second.caller });
    await expect('sip-record', 'failed');
  });

  it('are true of sip-send-dtmf and sip-receive-dtmf', async () => {
    const gather = node('sip-receive-dtmf', {
      ...{ minDigits: '2', minDigitsType: 'num', firstDigitTimeout: 'first', firstDigitTimeoutType: 'msg' },
    });
    const { caller, callee } = await answeredCall(bench, gather, press, end);
    bench.send('node', { call: callee, first: 0.5 });
    await expect('sip-receive-dtmf', 'timeout');
    for (const [keys, output] of [
      ['12#', 'matched'],
      ['1#', 'invalid'],
    ] as const) {
      bench.send('node', { call: callee, first: 30 });
      bench.send('press', { call: caller, keys });
      await expect('sip-receive-dtmf', output);
      await expect('sip-send-dtmf', 'sent');
    }
    bench.send('node', { call: callee, first: 30 });
    bench.send('press', { call: caller, keys: ',,,,,,,,1' });
    bench.send('end', { call: caller });
    await expect('sip-receive-dtmf', 'ended');
    assertSample('sip-send-dtmf', 'failed', await bench.next('unsent'));
  });

  it('are true of sip-menu', async () => {
    const menu = node('sip-menu', {
      tries: '1',
      firstDigitTimeout: '0.5',
      choices: [{ match: '2', label: 'Sales' }],
    });
    const { caller, callee } = await answeredCall(bench, menu, press, end);
    bench.send('node', { call: callee });
    await expect('sip-menu', 'noInput');
    for (const [keys, output] of [
      ['2', 'choice'],
      ['9', 'invalid'],
    ] as const) {
      bench.send('press', { call: caller, keys });
      await bench.next('sent');
      bench.send('node', { call: callee });
      await expect('sip-menu', output);
    }
    bench.send('node', { call: callee });
    bench.send('end', { call: caller });
    await expect('sip-menu', 'ended');
  });

  it('are true of sip-hold', async () => {
    const { caller: call } = await answeredCall(bench, node('sip-hold', { action: 'hold' }));
    bench.send('node', { call });
    await expect('sip-hold', 'done');
  });

  it('are true of sip-hold, refused by the other side', async () => {
    const peer = await RawPeer.open();
    await bench.load(
      phone('1001', { mode: 'network', bindAddress: '127.0.0.1', port: '0' }),
      { ...dial, target: `sip:desk@127.0.0.1:${peer.port}` },
      node('sip-hold', { action: 'hold' }),
    );
    bench.send('dial');
    const invite = await peer.next('INVITE');
    const phonePort = Number(/@[\d.]+:(\d+)/.exec(invite.header('Contact'))?.[1]);
    const contact = `Contact: <sip:desk@127.0.0.1:${peer.port}>`;
    peer.send(response(invite, '200 OK', { headers: [contact], body: SDP }), phonePort);
    const call = callOf(await bench.next('answered'));
    bench.send('node', { call });
    const again = await peer.next('INVITE');
    peer.send(response(again, '488 Not Acceptable Here', { headers: [contact] }), phonePort);
    await expect('sip-hold', 'failed');
    await peer.close();
  });

  it('are true of sip-request', async () => {
    const fields = {
      method: 'OPTIONS',
      inside: false,
      instance: 'phone1001',
      target: 'to',
      targetType: 'msg',
    };
    await bench.load(phone('1001'), phone('1002'), node('sip-request', fields));
    bench.send('node', { to: '1002' });
    await expect('sip-request', 'answered');
    bench.send('node', { to: '999' });
    await expect('sip-request', 'failed');
  });

  it('are true of sip-transfer', async () => {
    const transfer = node('sip-transfer', { target: 'to', targetType: 'msg' });
    const { caller: call } = await answeredCall(
      bench,
      transfer,
      phone('1003'),
      { id: 'ring3', type: 'sip-incoming-call', instance: 'phone1003', wires: [['pick3']] },
      { id: 'pick3', type: 'sip-answer', wires: [[], []] },
    );
    bench.send('node', { call, to: '1009' });
    await expect('sip-transfer', 'failed');
    bench.send('node', { call, to: '1003' });
    await expect('sip-transfer', 'progress', 'transferred');
  });

  it('are true of sip-bridge', async () => {
    const join = node('sip-bridge', { peerCall: 'peer', peerCallType: 'msg' });
    const again = { ...dial, id: 'again' };
    const { caller: call } = await answeredCall(bench, join, end, again);
    bench.send('again');
    const peer = callOf(await bench.next('answered'));
    bench.send('node', { call, peer });
    await expect('sip-bridge', 'bridged');
    bench.send('end', { call: peer });
    await expect('sip-bridge', 'ended');
  });

  it('are true of sip-bridge, of a call that ends before it has audio', async () => {
    const join = node('sip-bridge', { peerCall: 'peer', peerCallType: 'msg' });
    const { caller: call, callee } = await ringingCall(bench, join, end);
    bench.send('node', { call, peer: callee });
    bench.send('end', { call });
    await expect('sip-bridge', 'failed');
  });

  it('are true of sip-conference', async () => {
    const conference = node('sip-conference', { room: 'main' });
    const again = { ...dial, id: 'again' };
    const { caller: call } = await answeredCall(bench, conference, end, again);
    bench.send('again');
    bench.send('node', { call: callOf(await bench.next('answered')) });
    await expect('sip-conference', 'joined');
    bench.send('node', { call });
    await expect('sip-conference', 'joined');
    bench.send('end', { call });
    await expect('sip-conference', 'left');
    await bench.unload();

    const ringing = await ringingCall(bench, conference, end);
    bench.send('node', { call: ringing.callee });
    bench.send('end', { call: ringing.callee });
    await expect('sip-conference', 'failed');
  });

  it('are true of sip-dial', async () => {
    const through = node('sip-dial', {
      ...{ instance: 'phone1002', target: 'to', targetType: 'msg', onFailure: 'keep' },
    });
    const ring3 = { id: 'ring3', type: 'sip-incoming-call', instance: 'phone1003', wires: [['pick3']] };
    const { callee: call } = await ringingCall(bench, through, end, phone('1003'), ring3, {
      ...{ id: 'pick3', type: 'sip-answer', wires: [['third'], []] },
    });
    bench.send('node', { call, to: '1009' });
    await expect('sip-dial', 'failed');
    bench.send('node', { call, to: '1003' });
    await expect('sip-dial', 'joined');
    bench.send('end', { call: callOf(await bench.next('third')) });
    await expect('sip-dial', 'ended');
  });

  it('are true of sip-listen', async () => {
    const listen = node('sip-listen', { reference: 'sipflow:*', since: 'sent', timeout: '5' });
    const quiet = { ...listen, id: 'quiet', for: 'speech', since: 'now', timeout: '0.4' };
    const play = {
      id: 'play',
      type: 'sip-play-audio',
      source: 'sound',
      sourceType: 'msg',
      wires: [['played']],
    };
    const { caller: call, callee } = await answeredCall(bench, listen, quiet, play, end);
    bench.send('play', { call, sound: 'sipflow:beep' });
    await bench.next('played');
    bench.send('node', { call });
    bench.send('play', { call: callee, sound: 'sipflow:goodbye' });
    await expect('sip-listen', 'heard');
    await bench.next('played');
    bench.send('quiet', { call });
    await expect('sip-listen', 'notHeard');
    bench.send('end', { call });
    await bench.next('over');
    bench.send('quiet', { call });
    await expect('sip-listen', 'ended');
  });

  it('are true of sip-wait and sip-hangup', async () => {
    const wait = node('sip-wait', { event: 'held', timeout: '0.2', timeoutType: 'num' });
    const up = { ...wait, id: 'up', event: 'answered' };
    const { caller: call } = await answeredCall(bench, wait, up, { ...end, wires: [['done']] });
    bench.send('up', { call });
    await expect('sip-wait', 'event');
    bench.send('node', { call });
    await expect('sip-wait', 'timeout');
    bench.send('end', { call });
    await expect('sip-hangup', 'done');
    bench.send('node', { call });
    await expect('sip-wait', 'ended');
  });

  it('are true of sip-call-events', async () => {
    await answeredCall(bench, node('sip-call-events', { instance: 'phone1002', events: ['answered'] }));
    await expect('sip-call-events', 'event');
  });
});

describe('the values in the node reference', () => {
  const values = JSON.parse(readFileSync(join(SAMPLES, 'values.json'), 'utf8')) as Record<string, object>;
  const engine = sourcesIn('lib');
  const unions: [property: string, declaration: RegExp][] = [
    ['msg.playback.reason', /type PlaybackEnd =([^;]+);/],
    ['msg.recording.reason', /type RecordingEnd =([^;]+);/],
    ['msg.recording.channels', /type RecordChannels =([^;]+);/],
    ['msg.dtmf.reason', /interface DtmfResult \{[^}]*reason:([^;]+);/],
    ['msg.menu.reason', /interface MenuResult \{[^}]*reason:([^;]+);/],
    ['msg.dtmf.method', /interface DtmfResult \{[^}]*method:([^;]+);/],
    ['msg.conference.reason', /interface ConferenceReport \{[^}]*reason:([^;]+);/],
    ['msg.bridge.reason', /interface BridgeReport \{[^}]*reason:([^;]+);/],
    ['msg.callInfo.state', /type CallState =([^;]+);/],
    ['msg.verdict.status', /interface Verdict \{[^}]*status:([^;]+);/],
    ['msg.callInfo.endedBy', /type EndedBy =([^;]+);/],
    ['msg.payload.registration.state', /type RegistrationState =([^;]+);/],
  ];

  it('have every event that the engine puts into msg.sip', () => {
    const named = sourcesIn('lib/calls').flatMap((text) => [
      ...text.matchAll(/(?:event: |reportResponse\()'([a-z-]+)'/g),
      ...text.matchAll(/reportResponse\([^'()]*'([a-z-]+)' : '([a-z-]+)'/g),
    ]);
    const events = new Set(named.flatMap((match) => match.slice(1)));
    assert.ok(events.size > 15, 'the sources name their events in another way now');
    const unknown = [...events].filter((event) => !(event in (values['msg.sip.event'] ?? {})));
    assert.deepEqual(unknown, []);
  });

  it('have the types that the editor offers for computed fields', () => {
    const kinds = JSON.parse(readFileSync(join(SAMPLES, 'inputs.json'), 'utf8')) as Record<
      string,
      { types: string[] }
    >;
    const scripts = readdirSync(join(ROOT, 'resources')).filter((file) => file.endsWith('.js'));
    const source = scripts.map((file) => readFileSync(join(ROOT, 'resources', file), 'utf8')).join('');
    const computed = /const computed = \[([^\]]+)\]/.exec(source)?.[1] ?? '';
    for (const [kind, { types }] of Object.entries(kinds)) {
      const offered = new RegExp(`^    ${kind}: \\(\\) => \\[([\\s\\S]*?)\\],$`, 'm').exec(source)?.[1] ?? '';
      const own = [...offered.matchAll(/(?:withoutValue\(|value: |^|[ ,])'(\w+)'/g)].map(
        (match) => match[1] ?? '',
      );
      const all = offered.includes('...computed') ? [...own, ...(computed.match(/\w+/g) ?? [])] : own;
      assert.deepEqual(types, all, kind);
    }
  });

  for (const [property, declaration] of unions) {
    it(`are all that ${property} can be`, () => {
      const declared = engine.map((text) => declaration.exec(text)?.[1]).find((union) => union) ?? '';
      const members = [...declared.matchAll(/'([^']+)'/g)].map((match) => match[1]).sort();
      const listed = Object.keys(values[property] ?? {}).filter((value) => value !== 'null');
      assert.deepEqual(listed.sort(), members);
    });
  }
});
