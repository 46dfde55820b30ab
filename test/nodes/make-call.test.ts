import assert from 'node:assert/strict';
import { Bench, callOf, catchAll, errorOf, phone } from './support/bench';

const caller = (fields: Record<string, unknown> = {}) => ({
  id: 'dial',
  type: 'sip-make-call',
  instance: 'phone1001',
  target: '1002',
  ...fields,
  wires: [['answered'], ['progress'], ['failed']],
});
const callee = {
  id: 'ring',
  type: 'sip-incoming-call',
  instance: 'phone1002',
  wires: [['pick', 'incoming']],
};
const pick = { id: 'pick', type: 'sip-answer', wires: [['picked'], []] };

describe('sip-make-call', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  it('forwards the very message that it received, with the call as plain data', async () => {
    await bench.load(phone('1001'), phone('1002'), caller(), callee, pick);
    const res = { marker: () => undefined };
    bench.send('dial', { res, payload: 'kept' });
    const msg = await bench.next('answered');
    assert.equal(msg.res, res);
    assert.equal(msg.payload, 'kept');
    const call = callOf(msg);
    assert.equal(call.type, 'sip-call');
    assert.equal(call.direction, 'out');
    assert.equal(call.instance, 'phone1001');
    assert.deepEqual(JSON.parse(JSON.stringify(call)), { ...call });
    assert.equal((msg.sip as { status: number }).status, 200);
    assert.equal(callOf(await bench.next('incoming')).callId, call.callId);
  });

  it('sends a copy for each ringing response before the answer', async () => {
    await bench.load(phone('1001'), phone('1002'), caller(), callee, pick);
    bench.send('dial', { payload: 'x' });
    const progress = await bench.next('progress');
    const answered = await bench.next('answered');
    assert.equal((progress.sip as { status: number }).status, 180);
    assert.equal(callOf(progress).id, callOf(answered).id);
    assert.notEqual(progress, answered);
  });

  it('writes the call where callProperty says', async () => {
    await bench.load(phone('1001'), phone('1002'), caller({ callProperty: 'leg.caller' }), callee, pick);
    bench.send('dial');
    const msg = await bench.next('answered');
    assert.equal((msg.leg as { caller: { type: string } }).caller.type, 'sip-call');
    assert.equal(msg.call, undefined);
  });

  it('leaves by "failed" with 404 when nobody has the number', async () => {
    await bench.load(phone('1001'), caller());
    bench.send('dial');
    const msg = await bench.next('failed');
    assert.equal((msg.sip as { status: number }).status, 404);
    assert.equal(typeof (msg.failure as { message: string }).message, 'string');
  });

  it('pitfall 3: leaves by "failed" with 488 and an explanation when no codec is common', async () => {
    await bench.load(phone('1001'), phone('1002'), caller({ codecs: 'G722' }), callee, pick);
    bench.send('dial');
    const msg = await bench.next('failed');
    const sip = msg.sip as { status: number; diagnosis: string };
    assert.equal(sip.status, 488);
    assert.match(sip.diagnosis, /G722/);
    assert.match(sip.diagnosis, /PCMU, PCMA/);
    assert.equal((msg.failure as { code: string }).code, 'NO_COMMON_CODEC');
  });

  it('pitfall 13: takes any common spelling of a codec, in order of preference', async () => {
    const info = { id: 'info', type: 'sip-call-info', wires: [['told']] };
    await bench.load(
      phone('1001'),
      phone('1002'),
      { ...caller({ codecs: 'g.711a, ulaw' }), wires: [['info'], [], []] },
      callee,
      pick,
      info,
    );
    bench.send('dial');
    const msg = await bench.next('told');
    assert.equal((msg.callInfo as { codec: string }).codec, 'PCMA');
  });

  it('gives up after ringTimeout with status 408', async () => {
    const silent = { ...callee, wires: [['incoming']] };
    await bench.load(
      phone('1001'),
      phone('1002'),
      caller({ ringTimeout: '0.3', ringTimeoutType: 'num' }),
      silent,
    );
    bench.send('dial');
    const msg = await bench.next('failed');
    assert.equal((msg.sip as { status: number }).status, 408);
  });

  it('leaves by "failed" with the status that the other side refused with', async () => {
    const reject = {
      id: 'refuse',
      type: 'sip-reject',
      status: '486',
      statusType: 'num',
      wires: [['refused']],
    };
    await bench.load(phone('1001'), phone('1002'), caller(), { ...callee, wires: [['refuse']] }, reject);
    bench.send('dial');
    const msg = await bench.next('failed');
    assert.equal((msg.sip as { status: number }).status, 486);
    await bench.next('refused');
  });

  const faults: [string, Record<string, unknown>, string, RegExp][] = [
    ['a target that is no URI', { target: 'sip:@@:99999' }, 'BAD_TARGET', /target|URI|number/i],
    ['a blank target', { target: '' }, 'BAD_TARGET', /target|URI|number/i],
    [
      'a ringTimeout that is no number',
      { ringTimeout: 'soon', ringTimeoutType: 'str' },
      'BAD_CONFIG',
      /ringTimeout/,
    ],
    [
      'an environment variable that is not set',
      { target: '${SIPFLOW_TEST_UNSET}' },
      'BAD_CONFIG',
      /SIPFLOW_TEST_UNSET/,
    ],
    ['a codec that nobody knows', { codecs: 'PCMX' }, 'BAD_CONFIG', /PCMX/],
    ['headers that are no object', { headers: '"x"', headersType: 'json' }, 'BAD_CONFIG', /headers/],
    [
      'a header that would inject another',
      { headers: '{"X-A": "b\\r\\nVia: c"}', headersType: 'json' },
      'BAD_CONFIG',
      /X-A/,
    ],
    ['JSON that does not parse', { headers: '{', headersType: 'json' }, 'BAD_CONFIG', /headers/],
    ['no instance', { instance: '' }, 'NO_INSTANCE', /SIP phone/],
    ['a phone that was deleted', { instance: 'gone' }, 'NO_INSTANCE', /SIP phone/],
  ];
  for (const [what, fields, code, sentence] of faults) {
    it(`raises ${code} for ${what}`, async () => {
      await bench.load(phone('1001'), caller(fields), catchAll);
      bench.send('dial', { payload: 'kept' });
      const msg = await bench.next('errors');
      assert.equal(errorOf(msg).code, code);
      assert.match(errorOf(msg).message, sentence);
      assert.equal(errorOf(msg).source.id, 'dial');
      assert.equal(msg.payload, 'kept');
    });
  }

  it('pitfall 10: raises RTP_PORTS_EXHAUSTED with the range when no pair is left, and recovers', async () => {
    const narrow = phone('1001', { rtpPortMin: '32100', rtpPortMax: '32101' });
    const end = { id: 'end', type: 'sip-hangup', wires: [['over']] };
    await bench.load(narrow, phone('1002'), caller(), callee, pick, end, catchAll);
    bench.send('dial');
    const first = await bench.next('answered');
    bench.send('dial');
    const error = errorOf(await bench.next('errors'));
    assert.equal(error.code, 'RTP_PORTS_EXHAUSTED');
    assert.match(error.message, /32100/);
    bench.send('end', { call: callOf(first).id });
    await bench.next('over');
    bench.send('dial');
    await bench.next('answered');
  });

  it('raises MAX_CALLS when the phone has as many calls as it may', async () => {
    await bench.load(phone('1001', { maxCalls: '1' }), phone('1002'), caller(), callee, pick, catchAll);
    bench.send('dial');
    await bench.next('answered');
    bench.send('dial');
    assert.equal(errorOf(await bench.next('errors')).code, 'MAX_CALLS');
  });

  it('takes target, codecs and headers from the message, and an id as a call', async () => {
    const info = { id: 'info', type: 'sip-call-info', call: 'payload', callType: 'msg', wires: [['told']] };
    const fields = {
      target: 'to',
      targetType: 'msg',
      codecs: 'with',
      codecsType: 'msg',
      headers: 'extra',
      headersType: 'msg',
    };
    await bench.load(phone('1001'), phone('1002'), caller(fields), callee, pick, info);
    bench.send('dial', { to: 1002, with: ['alaw'], extra: { 'X-Campaign': 'spring' } });
    const heard = await bench.next('incoming');
    assert.deepEqual((heard.sip as { headers: Record<string, string[]> }).headers['X-Campaign'], ['spring']);
    const msg = await bench.next('answered');
    bench.send('info', { payload: callOf(msg).id });
    assert.equal(((await bench.next('told')).callInfo as { codec: string }).codec, 'PCMA');
  });
});
