import assert from 'node:assert/strict';
import type { DtmfResult } from '../../lib/calls';
import type { FlowMessage } from '../../nodes/shared/flow-types';
import { Bench, errorOf } from './support/bench';
import { answeredCall } from './support/calls';

const send = (fields: Record<string, unknown> = {}) => ({
  id: 'press',
  type: 'sip-send-dtmf',
  digits: 'keys',
  digitsType: 'msg',
  ...fields,
  wires: [['pressed'], ['unsent']],
});
const receive = (fields: Record<string, unknown> = {}) => ({
  id: 'gather',
  type: 'sip-receive-dtmf',
  ...fields,
  wires: [['matched'], ['timeout'], ['invalid'], ['ended']],
});
const hangup = { id: 'end', type: 'sip-hangup', wires: [['over']] };
const dtmf = (msg: FlowMessage) => msg.dtmf as DtmfResult;

describe('sip-send-dtmf and sip-receive-dtmf', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  it('carries digits exactly, and the terminator is not among them', async () => {
    const { caller, callee } = await answeredCall(bench, send(), receive());
    bench.send('gather', { call: callee });
    bench.send('press', { call: caller, keys: '0123456789*ABCD#', payload: 'kept' });
    const sent = await bench.next('pressed');
    assert.equal(sent.payload, 'kept');
    const result = dtmf(await bench.next('matched'));
    assert.equal(result.digits, '0123456789*ABCD');
    assert.equal(result.reason, 'terminator');
    assert.equal(result.method, 'rfc4733');
    // A sender that is kept from a core lengthens or cuts single events; half of them must be as long as asked for.
    const lengths = result.events.map((event) => event.durationMs).sort((a, b) => a - b);
    const median = lengths[lengths.length >> 1] ?? 0;
    assert.ok(median >= 90 && median <= 130, `lengths ${lengths.join(', ')} ms`);
  });

  it('pitfall 6: sends by SIP INFO when it is told to, and says how each digit came', async () => {
    const { caller, callee } = await answeredCall(bench, send({ method: 'info' }), receive());
    bench.send('gather', { call: callee });
    bench.send('press', { call: caller, keys: '42#' });
    const result = dtmf(await bench.next('matched'));
    assert.equal(result.digits, '42');
    assert.equal(result.method, 'info');
  });

  it('takes what was pressed before it listened, unless it is told to forget', async () => {
    const flushing = {
      ...receive({ flush: true, firstDigitTimeout: '0.5', firstDigitTimeoutType: 'num' }),
      id: 'fresh',
    };
    const { caller, callee } = await answeredCall(bench, send(), receive({ maxDigits: '1' }), flushing);
    bench.send('press', { call: caller, keys: '12' });
    await bench.next('pressed');
    bench.send('gather', { call: callee });
    assert.equal(dtmf(await bench.next('matched')).digits, '1');
    bench.send('fresh', { call: callee });
    assert.equal(dtmf(await bench.next('timeout')).digits, '');
  });

  it('completes by a pattern and by number', async () => {
    const byPattern = receive({ pattern: '[12]\\d', terminator: '' });
    const { caller, callee } = await answeredCall(bench, send(), byPattern);
    bench.send('gather', { call: callee });
    bench.send('press', { call: caller, keys: '17' });
    const result = dtmf(await bench.next('matched'));
    assert.equal(result.digits, '17');
    assert.equal(result.reason, 'pattern');
  });

  it('leaves by "timeout" with the digits so far', async () => {
    const patient = receive({ interDigitTimeout: '0.5', interDigitTimeoutType: 'num' });
    const { caller, callee } = await answeredCall(bench, send(), patient);
    bench.send('gather', { call: callee });
    bench.send('press', { call: caller, keys: '4' });
    const result = dtmf(await bench.next('timeout'));
    assert.equal(result.digits, '4');
    assert.equal(result.reason, 'timeout');
  });

  it('leaves by "invalid" when too few digits are finished', async () => {
    const { caller, callee } = await answeredCall(
      bench,
      send(),
      receive({ minDigits: '3', minDigitsType: 'num' }),
    );
    bench.send('gather', { call: callee });
    bench.send('press', { call: caller, keys: '4#' });
    assert.equal(dtmf(await bench.next('invalid')).reason, 'invalid');
  });

  it('leaves by "ended" when the call ends, and when it was over before', async () => {
    const { caller, callee } = await answeredCall(bench, receive(), hangup);
    bench.send('gather', { call: callee });
    bench.send('end', { call: caller });
    assert.equal(dtmf(await bench.next('ended')).reason, 'ended');
    bench.send('gather', { call: callee });
    assert.deepEqual(dtmf(await bench.next('ended')), {
      digits: '',
      method: null,
      reason: 'ended',
      events: [],
    });
  });

  it('streams each key in a copy, and the message itself when the call ends', async () => {
    const { caller, callee } = await answeredCall(bench, send(), receive({ mode: 'stream' }), hangup);
    const res = { marker: () => undefined };
    bench.send('gather', { call: callee, res });
    bench.send('press', { call: caller, keys: '9#' });
    assert.equal(dtmf(await bench.next('matched')).digits, '9');
    assert.equal(dtmf(await bench.next('matched')).digits, '#');
    await bench.next('pressed');
    bench.send('end', { call: caller });
    const last = await bench.next('ended');
    assert.equal(last.res, res);
    assert.equal(dtmf(last).digits, '9#');
  });

  it('raises CALL_STATE for a second gather on one call', async () => {
    const { caller, callee } = await answeredCall(bench, send(), receive());
    bench.send('gather', { call: callee });
    bench.send('gather', { call: callee });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
    bench.send('press', { call: caller, keys: '5#' });
    assert.equal(dtmf(await bench.next('matched')).digits, '5');
  });

  for (const field of ['firstDigitTimeout', 'interDigitTimeout']) {
    it(`pitfall 12: refuses a ${field} below half a second`, async () => {
      const { callee } = await answeredCall(bench, receive({ [field]: '0.4', [`${field}Type`]: 'num' }));
      bench.send('gather', { call: callee });
      const error = errorOf(await bench.next('errors'));
      assert.equal(error.code, 'BAD_CONFIG');
      assert.match(error.message, new RegExp(field));
      assert.match(error.message, /0\.5/);
    });
  }

  it('raises BAD_DIGITS for digits that are none', async () => {
    const { caller } = await answeredCall(bench, send());
    for (const keys of ['12x', 'hello', '']) {
      bench.send('press', { call: caller, keys });
      assert.equal(errorOf(await bench.next('errors')).code, 'BAD_DIGITS', keys);
    }
  });

  it('leaves by "failed" when the call ends while keys are pressed', async () => {
    const { caller, callee } = await answeredCall(bench, send(), hangup);
    bench.send('press', { call: caller, keys: '1,,,,,,,,,,,,2' });
    bench.send('end', { call: callee });
    const msg = await bench.next('unsent');
    assert.equal((msg.failure as { code: string }).code, 'CALL_ENDED');
  });
});
