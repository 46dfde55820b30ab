import assert from 'node:assert/strict';
import type { PhoneOptions } from '../../lib/calls';
import { pcapOf, type PcapCall } from '../../lib/evidence';
import { missingForJudge, requireOrSkip } from '../network/support/requirements';
import { lossyCall, simulatedCall, type CapturedCall } from '../support/captured-calls';
import { Phones } from '../support/phones';
import { judged, type Judged } from '../support/tshark';

const WHOLE_CALL = ['INVITE', '180', '200', 'ACK', 'BYE', '200'];

/** Codec, packets, loss and digits of both directions are those of the call's own report. */
function assertLikeReport(judge: Judged, { capture, info, received, sent }: CapturedCall): void {
  const { local } = capture.packets[0];
  const heard = judge.streams.filter(({ to }) => to === local);
  const told = judge.streams.filter(({ from }) => from === local);
  assert.deepEqual([heard.length, told.length], [1, 1], 'a stream in each direction');
  assert.deepEqual(
    [heard[0].packets, heard[0].lost, told[0].packets],
    [info.rtp?.received.packets, info.rtp?.received.lost, info.rtp?.sent.packets],
  );
  const codec = `g711${info.codec === 'PCMU' ? 'U' : 'A'}`;
  for (const { payloads } of [...heard, ...told]) assert.ok(payloads.includes(codec), payloads.join());
  assert.deepEqual([judge.digits.get(local) ?? '', judge.digits.get(told[0].to) ?? ''], [received, sent]);
}

function nameOf({ transport, capture, bindAddress, srtp }: Partial<PhoneOptions>): string {
  return [transport, capture, bindAddress, srtp].filter(Boolean).join(', ');
}

/** Files that `pcapOf` makes, read by a program that is not ours. */
describe('captures, read by tshark', function () {
  this.timeout(60_000);
  let phones: Phones;
  before(function () {
    requireOrSkip(this, missingForJudge());
  });
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  const ways: Partial<PhoneOptions>[] = [
    { transport: 'udp', capture: 'audio' },
    { transport: 'udp', capture: 'headers' },
    { transport: 'udp', capture: 'headers', bindAddress: '::1' },
    { transport: 'tcp', capture: 'headers' },
    { transport: 'tcp', capture: 'headers', bindAddress: '::1' },
    { transport: 'tls', capture: 'audio', srtp: 'required' },
    { transport: 'ws', capture: 'headers' },
    { transport: 'wss', capture: 'headers', srtp: 'required' },
  ];
  for (const options of ways) {
    it(`a call is that of its report: ${nameOf(options)}`, async () => {
      const { caller, callee } = await simulatedCall(phones, options);
      for (const call of [caller, callee]) {
        const judge = judged(pcapOf([call.capture]));
        assert.deepEqual(judge.sip, WHOLE_CALL);
        assertLikeReport(judge, call);
        assert.ok(judge.reports >= 1, 'RTCP');
        assert.deepEqual([judge.faults, judge.notes], [[], []]);
      }
      const both = judged(pcapOf([caller.capture, callee.capture]));
      assert.deepEqual([both.sip, both.streams.length, both.faults], [WHOLE_CALL, 2, []]);
    });
  }

  it('loss, jitter and digits of a bad stream are those of its report', async () => {
    const phone = await phones.phone('1001', { capture: 'headers', mode: 'network' });
    const call = await lossyCall(phone);
    const judge = judged(pcapOf([call.capture]));
    assertLikeReport(judge, call);
    const jitter = judge.jitterMs(call.capture.packets[0].local, 8000, 8);
    const told = call.info.rtp?.received.jitterMs ?? NaN;
    assert.ok(Math.abs(jitter - told) < 0.1, `${jitter} and ${told}`);
    assert.deepEqual(judge.faults, []);
  });

  it('a call that was refused has its SIP', async () => {
    const alice = await phones.phone('1001', { capture: 'audio' });
    const bob = await phones.phone('1002');
    bob.onCall((call) => call.reject({ status: 486 }));
    const call = await alice.dial('1002');
    await call.outcome;
    const judge = judged(pcapOf([await call.capture()]));
    assert.deepEqual(
      [judge.sip.filter((what) => what !== '180'), judge.streams],
      [['INVITE', '486', 'ACK'], []],
    );
  });

  const message = (transport: string, remote: string, text: string): PcapCall['messages'][number] => ({
    atMs: 1_700_000_000_000,
    direction: 'out',
    transport,
    local: '10.0.0.1:49152',
    remote,
    text,
  });
  const request = (method: string, body = ''): string =>
    [
      `${method} sip:1002@10.0.0.2 SIP/2.0`,
      'Via: SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK1',
      'From: <sip:1@a>;tag=1',
      'To: <sip:2@a>',
      'Call-ID: c',
      `CSeq: 1 ${method}`,
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');

  it('messages at the ports of TLS and HTTP are read as SIP, and long ones are put together', () => {
    const texts = [request('OPTIONS'), request('MESSAGE', 'x'.repeat(6000)), request('INFO')];
    const ports = [5060, 5061, 443, 80, 8080, 8088, 8089, 8443, 3000];
    for (const transport of ['tls', 'wss', 'ws']) {
      const connections = ports.map((port, index) =>
        texts.map((text) => message(transport, `10.0.0.${2 + index}:${port}`, text)),
      );
      const { sip, faults } = judged(pcapOf([{ messages: connections.flat() }]));
      const wanted = connections.flatMap(() => ['OPTIONS', 'MESSAGE', 'INFO']);
      assert.deepEqual([sip, faults], [wanted, []], transport);
    }
  });

  it('a note tells what was forgotten', () => {
    const call = { messages: [message('udp', '10.0.0.2:5060', request('OPTIONS'))] };
    const { notes, sip } = judged(pcapOf([{ ...call, leftOut: { messages: 300, packets: 7 } }]));
    assert.deepEqual(sip, ['OPTIONS']);
    assert.match(notes.join(), /300 earlier SIP messages and 7 RTP packets/);
  });
});
