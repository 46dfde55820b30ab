import assert from 'node:assert/strict';
import { Bench, callOf, catchAll, errorOf, phone, type FlowNode } from './support/bench';
import { answeredCall } from './support/calls';

const transfer = (fields: Record<string, unknown> = {}): FlowNode => ({
  id: 'transfer',
  type: 'sip-transfer',
  ...fields,
  wires: [['transferred'], ['progress'], ['failed']],
});
/** A third phone that answers every call. */
const third = (dn = '1003'): FlowNode[] => [
  phone(dn),
  { id: `ring${dn}`, type: 'sip-incoming-call', instance: `phone${dn}`, wires: [[`pick${dn}`]] },
  { id: `pick${dn}`, type: 'sip-answer', wires: [[`picked${dn}`]] },
];
const info = { id: 'info', type: 'sip-call-info', trace: true, wires: [['known']] };
const dialThird = {
  id: 'consult',
  type: 'sip-make-call',
  instance: 'phone1001',
  target: '1003',
  callProperty: 'consult',
  wires: [['consulting'], [], []],
};
const sip = (msg: Record<string, unknown>) => msg.sip as { event: string; status: number; target?: string };

describe('sip-transfer', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  it('sends the other side to a number, tells how that goes, and leaves the call', async () => {
    const { caller, callee } = await answeredCall(bench, transfer({ target: '1003' }), info, ...third());
    bench.send('transfer', { call: caller, payload: 'kept' });
    const progress = await bench.next('progress');
    assert.equal(sip(progress).status, 100);
    const done = await bench.next('transferred');
    assert.equal(done.payload, 'kept');
    assert.deepEqual([sip(done).event, sip(done).status], ['transferred', 200]);
    await bench.next('picked1003');
    bench.send('info', { call: callee.id });
    const known = (await bench.next('known')).callInfo as { state: string; trace: { text: string }[] };
    assert.equal(known.state, 'answered');
    assert.ok(known.trace.some(({ text }) => text.startsWith('REFER ')));
    bench.send('info', { call: caller });
    const over = (await bench.next('known')).callInfo as { state: string; trace: { text: string }[] };
    assert.equal(over.state, 'ended');
    assert.ok(
      over.trace.some(({ text }) => text.startsWith('NOTIFY ')),
      'kept with the tombstone',
    );
  });

  it('connects two calls, and the others hear each other', async () => {
    const gather = {
      id: 'gather',
      type: 'sip-receive-dtmf',
      maxDigits: '2',
      maxDigitsType: 'num',
      wires: [['got']],
    };
    const keys = { id: 'keys', type: 'sip-send-dtmf', digits: '42', wires: [['sent']] };
    const attended = transfer({ kind: 'attended', consultCall: 'consult', consultCallType: 'msg' });
    const { caller, callee } = await answeredCall(bench, attended, dialThird, gather, keys, ...third());
    bench.send('consult');
    const { consult } = await bench.next('consulting');
    const atThird = callOf(await bench.next('picked1003'));
    bench.send('transfer', { call: caller, consult });
    await bench.next('transferred');
    bench.send('gather', { call: atThird });
    bench.send('keys', { call: callee });
    const got = (await bench.next('got')).dtmf as { digits: string };
    assert.equal(got.digits, '42');
  });

  it('fails with the status of the target, and the call stands', async () => {
    const { caller } = await answeredCall(bench, transfer({ target: '1009' }), info);
    bench.send('transfer', { call: caller });
    const failed = await bench.next('failed');
    assert.equal(sip(failed).status, 404);
    assert.equal((failed.failure as { code: string }).code, 'CALL_REJECTED');
    bench.send('info', { call: caller });
    assert.equal(((await bench.next('known')).callInfo as { state: string }).state, 'answered');
  });

  it('asks the flow by sip-wait, which follows or declines', async () => {
    await bench.load(
      phone('1001'),
      phone('1002', { transferPolicy: 'ask' }),
      {
        id: 'dial',
        type: 'sip-make-call',
        instance: 'phone1001',
        target: '1002',
        wires: [['dialled'], [], []],
      },
      { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
      { id: 'pick', type: 'sip-answer', wires: [['picked']] },
      { id: 'asked', type: 'sip-wait', event: 'transfer-request', wires: [['wanted'], ['late'], []] },
      { id: 'decline', type: 'sip-transfer', kind: 'decline', wires: [['declined'], [], []] },
      { id: 'accept', type: 'sip-transfer', kind: 'accept', wires: [['accepted'], [], []] },
      transfer({ target: '1003' }),
      catchAll,
      ...third(),
    );
    bench.send('dial');
    const caller = callOf(await bench.next('dialled'));
    const callee = callOf(await bench.next('picked'));
    bench.send('accept', { call: callee });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
    bench.send('asked', { call: callee });
    bench.send('transfer', { call: caller });
    assert.match(sip(await bench.next('wanted')).target ?? '', /^sip:1003@/);
    bench.send('decline', { call: callee });
    assert.equal(sip(await bench.next('declined')).event, 'transfer-declined');
    assert.equal(sip(await bench.next('failed')).status, 603);
    bench.send('asked', { call: callee });
    bench.send('transfer', { call: caller });
    await bench.next('wanted');
    bench.send('accept', { call: callee });
    assert.equal(sip(await bench.next('accepted')).event, 'replaced');
    await bench.next('transferred');
  });

  it('raises faults of the flow, and says when the call is over', async () => {
    const end = { id: 'end', type: 'sip-hangup', wires: [['over']] };
    const odd = { ...transfer({ kind: 'throw' }), id: 'odd' };
    const { caller } = await answeredCall(bench, transfer({ target: 'sip:@@' }), odd, end);
    for (const [id, code] of [
      ['transfer', 'BAD_TARGET'],
      ['odd', 'BAD_CONFIG'],
    ] as const) {
      bench.send(id, { call: caller });
      assert.equal(errorOf(await bench.next('errors')).code, code);
    }
    bench.send('end', { call: caller });
    await bench.next('over');
    bench.send('transfer', { call: caller });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_ENDED');
  });
});

describe('sip-bridge', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  const bridge: FlowNode = {
    id: 'bridge',
    type: 'sip-bridge',
    peerCall: 'consult',
    peerCallType: 'msg',
    wires: [['ended'], ['failed'], ['bridged']],
  };
  const end = { id: 'end', type: 'sip-hangup', wires: [['over']] };
  const gather = (id: string) => ({
    id,
    type: 'sip-receive-dtmf',
    maxDigits: '3',
    maxDigitsType: 'num',
    wires: [[`${id}-got`], [`${id}-late`], [`${id}-bad`], []],
  });
  const keys = (id: string, digits: string) => ({ id, type: 'sip-send-dtmf', digits, wires: [['sent']] });

  async function two(...extra: FlowNode[]) {
    const standing = await answeredCall(bench, bridge, dialThird, end, ...third(), ...extra);
    bench.send('consult');
    const { consult } = await bench.next('consulting');
    return { ...standing, consult, atThird: callOf(await bench.next('picked1003')) };
  }

  it('passes digits both ways, each once, until it is stopped; the calls go on', async () => {
    const { caller, consult, callee, atThird } = await two(
      ...[gather('near'), gather('far'), keys('fromNear', '123'), keys('fromFar', '789')],
    );
    bench.send('bridge', { call: caller, consult, payload: 'kept' });
    await bench.next('bridged');
    bench.send('far', { call: atThird });
    bench.send('near', { call: callee });
    bench.send('fromNear', { call: callee });
    bench.send('fromFar', { call: atThird });
    for (const [id, digits] of [
      ['far-got', '123'],
      ['near-got', '789'],
    ] as const) {
      assert.equal(((await bench.next(id)).dtmf as { digits: string }).digits, digits);
    }
    bench.send('bridge', { call: caller, action: 'stop' });
    const ended = await bench.next('ended');
    assert.equal(ended.payload, 'kept');
    assert.equal((ended.bridge as { reason: string }).reason, 'stopped');
    bench.send('bridge', { call: caller, action: 'stop' });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
    bench.send('bridge', { call: caller, consult });
    await bench.next('bridged');
  });

  it('ends when either call ends, and the other one goes on', async () => {
    const gone = { id: 'gone', type: 'sip-wait', event: 'ended', wires: [['consult-over']] };
    const { caller, consult, atThird } = await two(gone);
    bench.send('bridge', { call: caller, consult });
    await bench.next('bridged');
    bench.send('bridge', { call: caller, consult });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
    bench.send('end', { call: atThird });
    const { bridge: report } = await bench.next('ended');
    const { reason, endedBy } = report as { reason: string; endedBy: string };
    assert.deepEqual([reason, endedBy], ['hangup', 'peer']);
    bench.send('gone', { call: consult });
    await bench.next('consult-over');
    bench.send('bridge', { call: caller, consult });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_ENDED');
  });
});
