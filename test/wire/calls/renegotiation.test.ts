import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { nextCall, Phones } from '../../support/phones';
import { RtpProbe } from '../media/support/rtp-probe';
import { RawPeer, request, response, type RawMessage } from '../sip/support/raw-peer';

/** PCMU is payload type 0, PCMA 8. */
function sdp(port: number, payloadType: number, lines: string[], version: number): string {
  return [
    'v=0',
    `o=- 1 ${version} IN IP4 127.0.0.1`,
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP ${payloadType}`,
    ...lines,
    '',
  ].join('\r\n');
}

describe('what a re-INVITE of the peer changes', () => {
  let phones: Phones;
  let peer: RawPeer;
  let first: RtpProbe;
  let second: RtpProbe;
  beforeEach(async () => {
    phones = new Phones({ mode: 'network' });
    peer = await RawPeer.open();
    [first, second] = [await RtpProbe.open(), await RtpProbe.open()];
  });
  afterEach(async () => {
    await phones.close();
    await Promise.all([peer.close(), first.close(), second.close()]);
  });

  it('codec, packet time and port at once, then the direction; SSRC and numbers go on', async () => {
    const phone = await phones.phone('1001');
    const port = phone.address?.port ?? 0;
    const incoming = nextCall(phone);
    const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: 'renegotiation' };
    peer.send(request('INVITE', { ...parts, branch: 'z9hG4bKreneg', body: sdp(first.port, 0, [], 1) }), port);
    const call = await incoming;
    const answering = call.answer();
    const ok = await peer.next('200');
    const to = ok.header('To');
    peer.send(request('ACK', { ...parts, to, cseq: 1 }), port);
    await answering;
    await first.until(() => first.packets.length >= 10);
    const offer = async (cseq: number, body: string): Promise<RawMessage> => {
      peer.send(request('INVITE', { ...parts, to, cseq, body }), port);
      const answer = await peer.nextWhere(
        (message) => message.startLine.includes('200') && message.header('CSeq') === `${cseq} INVITE`,
      );
      peer.send(request('ACK', { ...parts, to, cseq }), port);
      return answer;
    };

    const changed = await offer(2, sdp(second.port, 8, ['a=ptime:40'], 2));
    assert.match(changed.body, /m=audio \d+ RTP\/AVP 8/);
    assert.match(changed.body, /a=ptime:40/);
    await second.until(() => second.packets.length >= 5);
    for (const packet of second.packets) {
      assert.deepEqual([packet.payloadType, packet.payload.length], [8, 320]);
      assert.equal(packet.ssrc, first.packets[0].ssrc);
    }
    const last = first.packets.at(-1)?.sequence ?? 0;
    assert.equal(second.packets[0].sequence, (last + 1) & 0xffff, 'nothing is left out');
    assert.equal((await call.info()).codec, 'PCMA');

    const held = call.waitFor('held', { timeout: 5 });
    const answer = await offer(3, sdp(second.port, 8, ['a=inactive'], 3));
    assert.match(answer.body, /a=inactive/);
    assert.equal(await held, 'event');
    const sent = async (): Promise<number> => (await call.info()).rtp?.sent.packets ?? 0;
    const heldAt = await sent();
    // Nothing can be awaited when nothing is to come: three packet times.
    await delay(120);
    assert.equal(await sent(), heldAt, 'nothing is sent');
    await second.until(() => first.packets.length + second.packets.length >= heldAt);
    const seen = second.packets.length;
    const resumed = call.waitFor('resumed', { timeout: 5 });
    await offer(4, sdp(second.port, 8, [], 4));
    assert.equal(await resumed, 'event');
    await second.until(() => second.packets.length > seen + 2);
    assert.ok(second.packets[seen].marker, 'a talk spurt begins');
    assert.equal(second.packets[seen].sequence, (second.packets[seen - 1].sequence + 1) & 0xffff);
    const gone = call.hangup();
    peer.send(response(await peer.next('BYE'), '200 OK'), port);
    await gone;
  });
});
