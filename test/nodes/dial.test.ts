import assert from 'node:assert/strict';
import type { CallRef } from '../../lib/calls';
import { Bench, callOf, catchAll, errorOf, phone, type FlowNode } from './support/bench';
import { answeredCall } from './support/calls';

/** Phone 1001 calls the desk (1000), whose flow dials through to `msg.to`. */
const CALLER = {
  ...{ id: 'caller', type: 'sip-make-call', instance: 'phone1001', target: '1000' },
  wires: [['in call'], ['progress'], ['refused']],
};
const DESK = {
  id: 'desk',
  type: 'sip-incoming-call',
  instance: 'phone1000',
  ring: false,
  wires: [['first']],
};
const through = (fields: Record<string, unknown> = {}): FlowNode => ({
  ...{ id: 'through', type: 'sip-dial', instance: 'phone1000', target: 'to', targetType: 'msg', ...fields },
  wires: [['ended'], ['failed'], ['joined']],
});
const ring = (dn: string): FlowNode => ({
  ...{ id: `ring${dn}`, type: 'sip-incoming-call', instance: `phone${dn}` },
  wires: [[`at ${dn}`]],
});
const PICK = { id: 'pick', type: 'sip-answer', wires: [['picked'], []] };
const END = { id: 'end', type: 'sip-hangup', wires: [['over']] };
const HEAR = {
  ...{ id: 'hear', type: 'sip-listen', for: 'tone', reference: '800/300,300', timeout: '10' },
  wires: [['heard'], [], []],
};
const ON_HOLD = { id: 'on hold', type: 'sip-wait', event: 'held', wires: [['held'], [], []] };
const HOLD = { id: 'hold', type: 'sip-hold', wires: [[], []] };
const REJECT = { id: 'reject', type: 'sip-reject', statusCode: '486', statusCodeType: 'num', wires: [[]] };

interface Dial {
  target: string | null;
  attempts: { target: string; call: CallRef | null; result: string; status: number | null }[];
}
const dialOf = (msg: Record<string, unknown>): Dial => msg.dial as Dial;
const codeOf = (msg: Record<string, unknown>): string => (msg.failure as { code: string }).code;
const statusOf = (msg: Record<string, unknown>): unknown => (msg.sip as { status?: number }).status;

describe('sip-dial', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  /** The first call, which waits for its answer. */
  async function called(fields: Record<string, unknown> = {}): Promise<CallRef> {
    await bench.load(
      ...['1000', '1001', '1002', '1003'].map((dn) => phone(dn)),
      ...[CALLER, DESK, through(fields), ring('1002'), ring('1003'), PICK, END, REJECT, catchAll],
      ...[HEAR, ON_HOLD, HOLD],
    );
    bench.send('caller');
    return callOf(await bench.next('first'));
  }

  it('joins the call with a target, tells of it, and ends with either', async () => {
    const call = await called();
    bench.send('through', { call, to: 1002, payload: 'kept' });
    const second = callOf(await bench.next('at 1002'));
    await bench.next('progress');
    await bench.statusOf('through', [/ringing/]);
    bench.send('pick', { call: second });
    const joined = await bench.next('joined');
    assert.equal(joined.payload, 'kept');
    assert.deepEqual((joined.call as CallRef).id, call.id);
    const peer = joined.peer as CallRef;
    assert.deepEqual([peer.direction, peer.instance, statusOf(joined)], ['out', 'phone1000', 200]);
    assert.equal(dialOf(joined).target, '1002');
    await bench.next('in call');
    await bench.statusOf('through', [/^1002 · 00:0\d$/]);
    bench.send('end', { call: second });
    const { bridge } = await bench.next('ended');
    assert.deepEqual(
      [(bridge as { reason: string }).reason, (bridge as { endedBy: string }).endedBy],
      ['hangup', 'peer'],
    );
    await bench.statusOf('through', [/^$/]);
  });

  it('rejects the call with the failure of the target', async () => {
    const call = await called();
    bench.send('through', { call, to: '1002' });
    bench.send('reject', { call: callOf(await bench.next('at 1002')) });
    const failed = await bench.next('failed');
    assert.deepEqual([statusOf(failed), codeOf(failed)], [486, 'CALL_REJECTED']);
    assert.deepEqual(
      dialOf(failed).attempts.map(({ target, result, status }) => [target, result, status]),
      [['1002', 'failed', 486]],
    );
    assert.equal(statusOf(await bench.next('refused')), 486);
    await bench.statusOf('through', [/^486 Busy Here$/]);
  });

  it('keeps the call, which the flow then answers', async () => {
    const call = await called({ onFailure: 'keep', order: 'sequential' });
    bench.send('through', { call, to: ['1009', '1002'] });
    bench.send('reject', { call: callOf(await bench.next('at 1002')) });
    const failed = await bench.next('failed');
    assert.equal(statusOf(failed), 404, 'the first of the same class');
    assert.equal(dialOf(failed).attempts.length, 2);
    bench.send('pick', { call: failed.call });
    await bench.next('in call');
  });

  it('rings several at once, by a text with commas; the first one that answers gets the call', async () => {
    const call = await called();
    bench.send('through', { call, to: '1002, 1003' });
    await bench.next('at 1002');
    bench.send('pick', { call: callOf(await bench.next('at 1003')) });
    const { target, attempts } = dialOf(await bench.next('joined'));
    assert.equal(target, '1003');
    assert.deepEqual(
      attempts.map(({ result }) => result),
      ['cancelled', 'answered'],
    );
  });

  it('leaves by failed when the caller hangs up first', async () => {
    const call = await called({ onFailure: 'keep' });
    bench.send('through', { call, to: '1002' });
    await bench.next('at 1002');
    bench.send('end', { call: callOf(await bench.next('progress')) });
    const failed = await bench.next('failed');
    assert.equal(codeOf(failed), 'CALL_ENDED');
    bench.send('through', { call, to: '1002' });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_ENDED');
  });

  it('stops: before the answer the targets are cancelled, after it the calls part', async () => {
    const call = await called({ onFailure: 'keep' });
    bench.send('through', { call, to: '1002' });
    await bench.next('at 1002');
    bench.send('through', { call, action: 'stop' });
    assert.equal(codeOf(await bench.next('failed')), 'CALL_ENDED');
    bench.send('through', { call, action: 'stop' });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
    bench.send('through', { call, to: '1003' });
    bench.send('pick', { call: callOf(await bench.next('at 1003')) });
    const { peer } = await bench.next('joined');
    bench.send('through', { call: peer, action: 'stop' });
    assert.equal(((await bench.next('ended')).bridge as { reason: string }).reason, 'stopped');
    bench.send('end', { call: peer });
    await bench.next('over');
    bench.send('end', { call });
    await bench.next('over');
  });

  it('sends what makes no sense to Catch nodes, and the call goes on', async () => {
    const { caller: call } = await answeredCall(bench, {
      ...through({ instance: 'phone1001', ringback: 'tone', ringbackType: 'msg' }),
      id: 'through',
    });
    for (const to of ['', [], ' , ', 'a b\u0000', ['1002\r\nX-Evil: 1'], Array(17).fill('1002')]) {
      bench.send('through', { call, to });
      assert.match(errorOf(await bench.next('errors')).code ?? '', /^BAD_(TARGET|CONFIG)$/);
    }
    bench.send('through', { call, to: '1002', tone: 'tone:nowhere' });
    assert.equal(errorOf(await bench.next('errors')).code, 'BAD_AUDIO');
    bench.send('through', { call: 'call-of-nobody', to: '1002' });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_UNKNOWN');
    assert.equal(bench.count('failed'), 0);
  });

  it('lets a caller who is answered hear the ringing tone of the field, and tells it that it is held', async () => {
    const call = await called({ ringback: 'tone:800/300,300' });
    bench.send('pick', { call });
    const caller = callOf(await bench.next('in call'));
    bench.send('hear', { call: caller });
    bench.send('through', { call, to: '1002' });
    const second = callOf(await bench.next('at 1002'));
    await bench.next('heard');
    bench.send('pick', { call: second });
    await bench.next('joined');
    bench.send('on hold', { call: caller });
    bench.send('hold', { call: second });
    await bench.next('held');
  });

  it('gives its targets up when a deploy removes it, and leaves no call behind', async () => {
    const call = await called();
    bench.send('through', { call, to: '1002' });
    await bench.next('at 1002');
    await bench.deploy('nodes', (node) => (node.id === 'through' ? undefined : node));
    bench.send('end', { call });
    await bench.next('over');
    await bench.next('refused');
  });
});
