import assert from 'node:assert/strict';
import { nextCall, Phones } from '../../support/phones';
import { RtpProbe } from '../media/support/rtp-probe';
import { parse, RawPeer, request, response, type RawMessage } from '../sip/support/raw-peer';
import { hearEachOther } from './support/hear-each-other';

const sdp = (port: number, payloadType: number, ...lines: string[]): string =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP ${payloadType}`,
    ...lines,
    '',
  ].join('\r\n');

describe('offers that come late', () => {
  let phones: Phones;
  let peer: RawPeer;
  let probe: RtpProbe;
  beforeEach(async () => {
    phones = new Phones({ mode: 'network' });
    peer = await RawPeer.open();
    probe = await RtpProbe.open();
  });
  afterEach(async () => {
    await phones.close();
    await Promise.all([peer.close(), probe.close()]);
  });

  it('a call without an offer of ours is answered with one, which our ACK answers; then both hear each other', async () => {
    const [alice, bob] = [await phones.phone('1001'), await phones.phone('1002')];
    const incoming = nextCall(bob);
    const out = await alice.dial({ target: `sip:1002@127.0.0.1:${bob.address?.port}`, lateOffer: true });
    const answering = await incoming;
    await answering.answer();
    assert.equal((await out.outcome).kind, 'answered');
    const texts = out.trace().filter(({ direction }) => direction === 'out');
    const [invite, ack] = [/^INVITE /, /^ACK /].map(
      (start) => texts.find(({ text }) => start.test(text))?.text ?? '',
    );
    assert.equal(parse(invite).body, '');
    assert.match(parse(ack).body, /m=audio \d+ RTP\/AVP 0 /);
    await hearEachOther(out, answering);
    await out.hangup();
  });

  it('an offer that has nothing for us is acknowledged and ended, with a sentence that says why', async () => {
    const alice = await phones.phone('1001');
    const out = await alice.dial({ target: `sip:bob@127.0.0.1:${peer.port}`, lateOffer: true });
    const invite = await peer.next('INVITE');
    assert.equal(invite.body, '');
    peer.send(response(invite, '200 OK', { tag: 'b', body: sdp(probe.port, 18) }), invite.port);
    const ack = await peer.next('ACK');
    assert.equal(ack.body, '');
    const bye = await peer.next('BYE');
    peer.send(response(bye, '200 OK', { tag: 'b' }), bye.port);
    const outcome = await out.outcome;
    assert.ok(outcome.kind === 'failed');
    assert.equal(outcome.failure.code, 'NO_COMMON_CODEC');
    assert.match(outcome.sip.diagnosis ?? '', /PCMU/);
  });

  it('a re-INVITE without SDP that is answered with a hold holds, and with sendrecv resumes', async () => {
    const alice = await phones.phone('1001');
    const port = alice.address?.port ?? 0;
    const incoming = nextCall(alice);
    const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: 'late' };
    peer.send(request('INVITE', { ...parts, branch: 'z9hG4bKlate', body: sdp(probe.port, 0) }), port);
    const call = await incoming;
    const answering = call.answer();
    const to = (await peer.next('200')).header('To');
    peer.send(request('ACK', { ...parts, to, cseq: 1 }), port);
    await answering;

    const offered = async (cseq: number, answer: string): Promise<RawMessage> => {
      peer.send(request('INVITE', { ...parts, to, cseq }), port);
      const ok = await peer.nextWhere(
        (message) => message.startLine.includes('200') && message.header('CSeq') === `${cseq} INVITE`,
      );
      peer.send(request('ACK', { ...parts, to, cseq, body: answer }), port);
      return ok;
    };
    for (const [index, direction] of ['sendonly', 'inactive'].entries()) {
      const held = call.waitFor('held', { timeout: 5 });
      const offer = await offered(2 + 2 * index, sdp(probe.port, 0, `a=${direction}`));
      assert.match(offer.body, /a=sendrecv/, 'our offer is one');
      assert.equal(await held, 'event', direction);
      const resumed = call.waitFor('resumed', { timeout: 5 });
      await offered(3 + 2 * index, sdp(probe.port, 0));
      assert.equal(await resumed, 'event');
    }
    const gone = call.hangup();
    peer.send(response(await peer.next('BYE'), '200 OK'), port);
    await gone;
  });
});
