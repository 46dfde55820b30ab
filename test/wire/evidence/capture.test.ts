import assert from 'node:assert/strict';
import { createWorld, type CallCapture, type PhoneOptions } from '../../../lib/calls';
import { pcapOf } from '../../../lib/evidence';
import { lossyCall, simulatedCall, type CapturedCall } from '../../support/captured-calls';
import { readFrames, streamsOf, type ReadFrame } from '../../support/pcap-reader';
import { connect, nextCall, Phones } from '../../support/phones';
import { RawPeer, request, response } from '../sip/support/raw-peer';

const EVENTS = '0123456789*#ABCD';

interface Stream {
  packets: number;
  /** Numbers between the first and the last that are missing. */
  lost: number;
  digits: string;
  payloadTypes: Set<number>;
}

/** The RTP streams of a file, by where they go. */
function rtpStreams(frames: readonly ReadFrame[]): Map<string, Stream> {
  const streams = new Map<string, Stream & { numbers: Set<number>; events: Set<string> }>();
  for (const { protocol, to, payload } of frames) {
    const isReport = payload[1] >= 192 && payload[1] <= 223;
    const isRtp = protocol === 'udp' && payload[0] >> 6 === 2 && !isReport;
    if (!isRtp) continue;
    let stream = streams.get(to);
    if (!stream) {
      stream = {
        packets: 0,
        lost: 0,
        digits: '',
        payloadTypes: new Set(),
        numbers: new Set(),
        events: new Set(),
      };
      streams.set(to, stream);
    }
    const number = payload.readUInt16BE(2);
    stream.packets += 1;
    stream.numbers.add(number);
    stream.payloadTypes.add(payload[1] & 0x7f);
    if ((payload[1] & 0x7f) < 96) continue;
    const event = `${payload.readUInt32BE(4)} ${payload[12]}`;
    if (!stream.events.has(event)) stream.digits += EVENTS[payload[12]];
    stream.events.add(event);
  }
  for (const stream of streams.values()) {
    const numbers = [...stream.numbers].sort((a, b) => a - b);
    stream.lost = (numbers.at(-1) ?? 0) - numbers[0] + 1 - numbers.length;
  }
  return streams;
}

/** The stream that the call has received, and the one that it has sent. */
function streamsOfCall({ capture }: CapturedCall): { received: Stream; sent: Stream } {
  const streams = rtpStreams(readFrames(pcapOf([capture])));
  const local = capture.packets[0].local;
  const [sentTo] = [...streams.keys()].filter((to) => to !== local);
  return { received: streams.get(local) as Stream, sent: streams.get(sentTo) as Stream };
}

function sipOf(frames: readonly ReadFrame[]): string[] {
  const datagrams = frames.filter(({ payload }) => payload.includes('SIP/2.0'));
  return datagrams.map(({ payload }) =>
    payload
      .toString('latin1')
      .split('\r\n')[0]
      .replace(/sip:\S+/, 'URI'),
  );
}

function assertLikeReport(call: CapturedCall): void {
  const { received, sent } = streamsOfCall(call);
  const { rtp } = call.info;
  assert.deepEqual(
    [received.packets, received.lost, received.digits, sent.packets, sent.digits],
    [rtp?.received.packets, rtp?.received.lost, call.received, rtp?.sent.packets, call.sent],
  );
}

describe('the capture of a call', function () {
  this.timeout(20_000);
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  it('has the packets, the digits and the SIP that its report has, at both ends', async () => {
    const { caller, callee } = await simulatedCall(phones, { capture: 'audio' });
    assertLikeReport(caller);
    assertLikeReport(callee);
    const frames = readFrames(pcapOf([caller.capture]));
    assert.deepEqual(sipOf(frames), [
      'INVITE URI SIP/2.0',
      'SIP/2.0 180 Ringing',
      'SIP/2.0 200 OK',
      'ACK URI SIP/2.0',
      'BYE URI SIP/2.0',
      'SIP/2.0 200 OK',
    ]);
    assert.ok(frames.every(({ payload, length }) => payload.length === length));
    assert.ok(
      frames.some(({ payload }) => payload[1] === 203 || payload[1] === 200),
      'RTCP',
    );
    assert.deepEqual(caller.capture.leftOut, { messages: 0, packets: 0 });
  });

  it('has no audio with `headers`, and the same figures', async () => {
    const { caller } = await simulatedCall(phones, { capture: 'headers' });
    assertLikeReport(caller);
    const audio = caller.capture.packets.filter(({ bytes }) => (bytes[1] & 0x7f) === 0);
    assert.ok(audio.length > 5 && audio.every(({ bytes, length }) => bytes.length === 12 && length === 172));
  });

  it('shows encrypted calls as they were before encryption', async () => {
    const { caller } = await simulatedCall(phones, { capture: 'audio', transport: 'tls', srtp: 'required' });
    assert.equal(caller.info.srtp, true);
    assertLikeReport(caller);
    const silence = caller.capture.packets.filter(({ bytes }) => (bytes[1] & 0x7f) === 0);
    assert.ok(silence.every(({ bytes }) => bytes.subarray(12).every((byte) => byte === 0xff)));
    const texts = [...streamsOf(readFrames(pcapOf([caller.capture]))).values()].join('');
    assert.match(texts, /m=audio \d+ RTP\/AVP 0/);
    assert.doesNotMatch(texts, /SAVP|a=crypto/);
    const raw = caller.capture.messages.map(({ bytes }) => bytes.toString('latin1')).join('');
    assert.match(raw, /RTP\/SAVP [^]*inline:\*{40}/);
  });

  for (const options of [
    { transport: 'tcp' },
    { transport: 'ws' },
    { transport: 'udp', bindAddress: '::1' },
    { transport: 'tcp', bindAddress: '::1' },
  ] as Partial<PhoneOptions>[]) {
    it(`over ${options.transport} ${options.bindAddress ?? ''} is whole`, async () => {
      const { caller, callee } = await simulatedCall(phones, { capture: 'headers', ...options });
      assertLikeReport(caller);
      const frames = readFrames(pcapOf([caller.capture]));
      if (options.bindAddress) assert.ok(frames.every(({ from }) => from.startsWith('[::1]:')));
      const both = readFrames(pcapOf([caller.capture, callee.capture]));
      assert.equal(sipOf(both).length, 6, 'what both have seen once');
      if (options.transport !== 'udp') streamsOf(both);
    });
  }

  it('shows what was lost, and when the packets came', async () => {
    const phone = await phones.phone('1001', { capture: 'headers', mode: 'network' });
    const call = await lossyCall(phone);
    assertLikeReport(call);
    assert.deepEqual([...streamsOfCall(call).received.payloadTypes], [8, 96]);
    const times = call.capture.packets.filter(({ direction }) => direction === 'in').map(({ atMs }) => atMs);
    assert.ok(Math.abs(jitterOf(call) - (call.info.rtp?.received.jitterMs ?? NaN)) < 0.1);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    assert.ok(Math.abs(times[0] - Date.parse(call.info.answeredAt ?? '')) < 2000, 'time of day');
  });

  it('is there after the end, by the tombstone, and has SIP alone when the phone captures nothing', async () => {
    const alice = await phones.phone('1001', { capture: 'audio' });
    const bob = await phones.phone('1002');
    const { out, in: answered } = await connect(alice, bob);
    const during = await out.capture();
    await out.hangup();
    const known = phones.world.calls.find(out.ref);
    const after = 'tombstone' in known ? await known.tombstone.capture() : undefined;
    assert.ok(after && after.mode === 'audio' && after.packets.length >= during.packets.length);
    assert.deepEqual(await out.capture(), after);
    const plain = await answered.capture();
    assert.deepEqual([plain.mode, plain.packets.length, plain.messages.length], ['off', 0, 6]);
    assert.equal(sipOf(readFrames(pcapOf([plain]))).length, 6);
    await alice.close();
    await bob.close();
    // The threads are gone, and what they kept.
    assert.deepEqual((await out.capture()).packets, []);
  });

  it('of a call that was refused, or has no SDP, is its SIP', async () => {
    const alice = await phones.phone('1001', { capture: 'audio' });
    const bob = await phones.phone('1002');
    bob.onCall((call) => call.reject({ status: 486 }));
    const refused = await alice.dial('1002');
    await refused.outcome;
    const capture = await refused.capture();
    assert.deepEqual([capture.packets, capture.leftOut], [[], { messages: 0, packets: 0 }]);
    assert.match(sipOf(readFrames(pcapOf([capture]))).join(), /INVITE.*486 Busy Here.*ACK/);
    const peer = await RawPeer.open();
    const carol = await phones.phone('1003', { capture: 'audio', mode: 'network' });
    const dialled = await carol.dial({ target: `sip:x@127.0.0.1:${peer.port}`, ringTimeout: 30 });
    const invite = await peer.next('INVITE');
    peer.send(response(invite, '200 OK', { tag: 'x', contact: `sip:x@127.0.0.1:${peer.port}` }), invite.port);
    const bye = await peer.next('BYE');
    peer.send(response(bye, '200 OK'), bye.port);
    await dialled.outcome;
    await dialled.hangup();
    assert.ok(readFrames(pcapOf([await dialled.capture()])).length >= 3);
    await peer.close();
  });

  it('tells how much of a call with 500 messages is forgotten', async () => {
    const bob = await phones.phone('1002', { capture: 'headers' });
    const peer = await RawPeer.open(true);
    const port = bob.address?.port ?? 0;
    const parts = { port: peer.port, target: `sip:1002@127.0.0.1:${port}`, callId: 'many' };
    const incoming = nextCall(bob);
    const invite = request('INVITE', { ...parts, branch: 'z9hG4bKmany' });
    peer.send(invite, port);
    const call = await incoming;
    for (let copy = 0; copy < 249; copy++) {
      await peer.next('SIP/2.0 180');
      peer.send(invite, port);
    }
    await peer.next('SIP/2.0 180');
    const capture: CallCapture = await call.capture();
    assert.ok(
      capture.messages.length === 200 && capture.leftOut.messages >= 300,
      String(capture.leftOut.messages),
    );
    const [note, ...rest] = readFrames(pcapOf([capture]));
    assert.match(note.payload.toString(), new RegExp(`${capture.leftOut.messages} earlier SIP messages`));
    assert.equal(rest.length, 200);
    await call.hangup();
    await peer.close();
  });

  it('needs one of the three settings', () => {
    const world = createWorld();
    assert.throws(() => world.phone({ number: '1', capture: 'all' as 'audio' }), {
      code: 'BAD_CONFIG',
      field: 'capture',
    });
  });
});

/** RFC 3550, A.8, by what the capture says of the received audio. */
function jitterOf({ capture }: CapturedCall): number {
  let jitter = 0;
  let before: number | undefined;
  for (const { direction, bytes, atMs } of capture.packets) {
    if (direction !== 'in' || (bytes[1] & 0x7f) !== 8) continue;
    const transit = atMs - Buffer.from(bytes).readUInt32BE(4) / 8;
    if (before !== undefined) jitter += (Math.abs(transit - before) - jitter) / 16;
    before = transit;
  }
  return jitter;
}
