import assert from 'node:assert/strict';
import { Bench, errorOf } from './support/bench';
import { answeredCall, ringingCall } from './support/calls';

const hold = (fields: Record<string, unknown> = {}) => ({
  id: 'hold',
  type: 'sip-hold',
  ...fields,
  wires: [['done'], ['failed']],
});
const resume = { id: 'resume', type: 'sip-hold', action: 'resume', wires: [['resumed'], ['failed']] };
const wait = (id: string, event: string) => ({
  id,
  type: 'sip-wait',
  event,
  timeout: '5',
  timeoutType: 'num',
  wires: [[`${id}-event`], [`${id}-timeout`], []],
});
const status = (msg: Record<string, unknown>) => (msg.sip as { status: number }).status;

describe('sip-hold', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  it('holds and resumes, and the other side hears of both through sip-wait', async () => {
    const { caller, callee } = await answeredCall(
      bench,
      hold(),
      resume,
      wait('held', 'held'),
      wait('back', 'resumed'),
    );
    bench.send('held', { call: callee });
    bench.send('hold', { call: caller, payload: 'kept' });
    const held = await bench.next('done');
    assert.equal(held.payload, 'kept');
    assert.equal(status(held), 200);
    await bench.next('held-event');
    bench.send('held', { call: callee });
    await bench.next('held-event');
    bench.send('back', { call: callee });
    bench.send('resume', { call: caller });
    assert.equal(status(await bench.next('resumed')), 200);
    await bench.next('back-event');
    assert.equal(bench.count('held-timeout') + bench.count('back-timeout'), 0);
  });

  it('raises CALL_ENDED when the call is over', async () => {
    const end = { id: 'end', type: 'sip-hangup', wires: [['over']] };
    const { caller } = await answeredCall(bench, hold(), end);
    bench.send('end', { call: caller });
    await bench.next('over');
    bench.send('hold', { call: caller });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_ENDED');
  });

  it('raises CALL_STATE before the answer, and BAD_CONFIG for an action that does not exist', async () => {
    const odd = { ...hold({ action: 'shelve' }), id: 'odd' };
    const { caller } = await ringingCall(bench, hold(), odd);
    bench.send('hold', { call: caller });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
    bench.send('odd', { call: caller });
    assert.equal(errorOf(await bench.next('errors')).code, 'BAD_CONFIG');
  });
});
