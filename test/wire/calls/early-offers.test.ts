import assert from 'node:assert/strict';
import type { IncomingCall, OutgoingCall } from '../../../lib/calls';
import { nextCall, Phones } from '../../support/phones';
import { RawPeer, request, response, type RawMessage } from '../sip/support/raw-peer';
import { Ears, sdpAt, type Ear } from './support/ears';

/** Offers by UPDATE before the answer (RFC 3311), and reliable early media of several forks. */
describe('offers in early dialogs', () => {
  let phones: Phones;
  let peer: RawPeer;
  const ears = new Ears();
  beforeEach(async () => {
    phones = new Phones({ mode: 'network' });
    peer = await RawPeer.open();
  });
  afterEach(async () => {
    await phones.close();
    await peer.close();
    await ears.close();
  });

  const statusOf = ({ startLine }: RawMessage): string => startLine.slice(8, 11);
  const answerTo = (cseq: string): Promise<RawMessage> =>
    peer.nextWhere(
      ({ startLine, header }) => startLine.startsWith('SIP/2.0') && header('CSeq') === cseq,
      cseq,
    );
  /** The payload type of the next packet. */
  const payloadAt = async (ear: Ear): Promise<number> => (await ear.hears())[1] & 0x7f;

  describe('as the caller', () => {
    let call: OutgoingCall;
    let invite: RawMessage;
    let cseq = 0;
    const contact = (): string => `sip:bob@127.0.0.1:${peer.port}`;

    beforeEach(async () => {
      cseq = 0;
      const phone = await phones.phone('1001');
      call = await phone.dial({ target: contact() });
      invite = await peer.next('INVITE');
    });

    const reply = (to: RawMessage, status: string, tag: string, body = '', headers: string[] = []): void =>
      peer.send(response(to, status, { tag, contact: contact(), headers, body }), to.port);

    /** A reliable 183, and its PRACK. */
    async function progress(tag: string, body: string): Promise<void> {
      reply(invite, '183 Session Progress', tag, body, ['Require: 100rel', 'RSeq: 1']);
      const prack = await peer.next('PRACK');
      peer.send(response(prack, '200 OK'), prack.port);
    }

    async function update(tag: string, body = '', headers: string[] = []): Promise<RawMessage> {
      const text = request('UPDATE', {
        port: peer.port,
        target: /<(.*)>/.exec(invite.header('Contact'))?.[1] ?? '',
        callId: invite.header('Call-ID'),
        fromTag: tag,
        to: invite.header('From'),
        cseq: ++cseq,
        headers,
        body,
      });
      peer.send(text, invite.port);
      return answerTo(`${cseq} UPDATE`);
    }

    async function hangup(): Promise<void> {
      const gone = call.hangup();
      const bye = await peer.next('BYE');
      peer.send(response(bye, '200 OK'), bye.port);
      await gone;
    }

    it('pitfall 7: an UPDATE takes effect: place, codec and direction; an old SDP in the 200 does not', async () => {
      const [first, second] = [await ears.open(), await ears.open()];
      const heard = payloadAt(first);
      await progress('b', sdpAt(first));
      assert.equal(await heard, 0);
      const moved = payloadAt(second);
      const ok = await update('b', sdpAt(second, 8));
      assert.equal(statusOf(ok), '200');
      assert.match(ok.body, /m=audio \d+ RTP\/AVP 8/);
      assert.equal(await moved, 8, 'the audio goes to the new place in the new codec');
      const held = call.waitFor('held', { timeout: 5 });
      const onHold = await update('b', sdpAt(second, 8, 'a=sendonly'));
      assert.match(onHold.body, /a=recvonly/);
      assert.equal(await held, 'event');
      assert.match((await update('b', sdpAt(second, 8))).body, /a=sendrecv/);
      const after = payloadAt(second);
      reply(invite, '200 OK', 'b', sdpAt(first));
      assert.equal((await call.outcome).kind, 'answered');
      assert.equal(await after, 8);
      await hangup();
    });

    it('an UPDATE without SDP is answered, or refused with 422; what has no common codec gets 488', async () => {
      const ear = await ears.open();
      await progress('b', sdpAt(ear));
      const refreshed = await update('b', '', ['Supported: timer', 'Session-Expires: 90']);
      assert.equal(statusOf(refreshed), '200');
      assert.equal(refreshed.body, '');
      const tooShort = await update('b', '', ['Supported: timer', 'Session-Expires: 30']);
      assert.equal(statusOf(tooShort), '422');
      assert.equal(tooShort.header('Min-SE'), '90');
      const refused = await update('b', sdpAt(ear, 98, 'a=rtpmap:98 AMR/8000'));
      assert.equal(statusOf(refused), '488');
      const heard = payloadAt(ear);
      reply(invite, '200 OK', 'b');
      assert.equal((await call.outcome).kind, 'answered');
      assert.equal(await heard, 0);
      await hangup();
    });

    it('an offer that meets ours gets 491: after no SDP, and after an SDP that was not sent reliably', async () => {
      const ear = await ears.open();
      reply(invite, '180 Ringing', 'b');
      assert.equal(statusOf(await update('b', sdpAt(ear))), '491');
      reply(invite, '183 Session Progress', 'b', sdpAt(ear));
      assert.equal(statusOf(await update('b', sdpAt(ear))), '491');
      reply(invite, '486 Busy Here', 'b');
      await call.outcome;
    });

    it('pitfall 7: the audio goes to the fork that answers, also when its SDP came in its reliable 183 alone', async () => {
      const [one, two, moved] = [await ears.open(), await ears.open(), await ears.open()];
      await progress('one', sdpAt(one));
      const offered = payloadAt(moved);
      assert.equal(statusOf(await update('one', sdpAt(moved, 8))), '200');
      assert.equal(await offered, 8);
      const early = payloadAt(two);
      await progress('two', sdpAt(two));
      assert.equal(await early, 0, 'before the answer it goes to the fork that spoke last');
      const answered = payloadAt(moved);
      reply(invite, '200 OK', 'one');
      assert.equal((await call.outcome).kind, 'answered');
      assert.equal(await answered, 8, 'what the UPDATE of that fork has brought holds');
      await hangup();
    });
  });

  describe('as the callee', () => {
    let call: IncomingCall;
    let port: number;
    let to: string;
    let cseq: number;
    const parts = (): { port: number; target: string; callId: string } => ({
      port: peer.port,
      target: `sip:1002@127.0.0.1:${port}`,
      callId: `early-${port}`,
    });

    async function invited(body: string): Promise<void> {
      const phone = await phones.phone('1002', { reliableProvisional: true });
      port = phone.address?.port ?? 0;
      cseq = 1;
      const incoming = nextCall(phone);
      peer.send(
        request('INVITE', { ...parts(), branch: 'z9hG4bKearly', headers: ['Supported: 100rel'], body }),
        port,
      );
      call = await incoming;
      const ringing = await peer.next('180');
      to = ringing.header('To');
      await prack(ringing);
    }

    function send(method: string, body = '', headers: string[] = []): Promise<RawMessage> {
      peer.send(request(method, { ...parts(), cseq: ++cseq, to, body, headers }), port);
      return answerTo(`${cseq} ${method}`);
    }

    async function prack(progress: RawMessage, body = ''): Promise<void> {
      const ok = await send('PRACK', body, [`RAck: ${progress.header('RSeq')} 1 INVITE`]);
      assert.equal(statusOf(ok), '200');
    }

    async function refuse(): Promise<void> {
      await call.reject({ status: 486 });
      await peer.next('486');
      peer.send(request('ACK', { ...parts(), to, branch: 'z9hG4bKearly' }), port);
      await peer.settled(port);
    }

    it('pitfall 7: an UPDATE takes effect, and the 200 that follows carries no SDP', async () => {
      const [first, second] = [await ears.open(), await ears.open()];
      await invited(sdpAt(first));
      const heard = payloadAt(first);
      const early = call.startEarlyMedia();
      await prack(await peer.next('183'));
      await early;
      assert.equal(await heard, 0);
      const moved = payloadAt(second);
      const ok = await send('UPDATE', sdpAt(second, 8));
      assert.equal(statusOf(ok), '200');
      assert.match(ok.body, /m=audio \d+ RTP\/AVP 8/);
      assert.equal(await moved, 8);
      const answer = call.answer();
      const final = await answerTo('1 INVITE');
      assert.equal(statusOf(final), '200');
      assert.equal(final.body, '', 'an SDP would answer the INVITE once more');
      peer.send(request('ACK', { ...parts(), to }), port);
      await answer;
      assert.equal(await payloadAt(second), 8);
      peer.send(request('BYE', { ...parts(), cseq: ++cseq, to }), port);
      await answerTo(`${cseq} BYE`);
    });

    it('an offer that comes before the answer to the one of the INVITE gets 500 with Retry-After', async () => {
      const ear = await ears.open();
      await invited(sdpAt(ear));
      const later = await send('UPDATE', sdpAt(ear));
      assert.equal(statusOf(later), '500');
      const seconds = Number(later.header('Retry-After'));
      assert.ok(later.header('Retry-After') !== '' && seconds >= 0 && seconds <= 10);
      assert.equal(statusOf(await send('UPDATE')), '200', 'one without an offer may come');
      await refuse();
    });

    it('an offer that meets ours gets 491 until the PRACK has brought the answer', async () => {
      const [ear, other] = [await ears.open(), await ears.open()];
      await invited('');
      const early = call.startEarlyMedia();
      const progress = await peer.next('183');
      assert.equal(statusOf(await send('UPDATE', sdpAt(ear))), '491');
      await prack(progress, sdpAt(ear));
      await early;
      const moved = payloadAt(other);
      assert.equal(statusOf(await send('UPDATE', sdpAt(other, 8))), '200');
      assert.equal(await moved, 8);
      await refuse();
    });
  });
});
