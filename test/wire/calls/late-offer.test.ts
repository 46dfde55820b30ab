import assert from 'node:assert/strict';
import type { IncomingCall } from '../../../lib/calls';
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

  it('a call without an offer gets ours in a reliable 183, whose PRACK answers it; the 200 then has none', async () => {
    const [alice, bob] = [await phones.phone('1001'), await phones.phone('1002')];
    const incoming = nextCall(bob);
    const out = await alice.dial({ target: `sip:1002@127.0.0.1:${bob.address?.port}`, lateOffer: true });
    const early = await incoming;
    const report = await early.startEarlyMedia({ headers: { 'X-Step': 'early' } });
    assert.deepEqual([report.event, report.status], ['early-media', 183]);
    assert.equal(await out.waitFor('early-media', { timeout: 5 }), 'event');
    await hearEachOther(out, early);
    assert.deepEqual([out.state, early.state], ['early-media', 'early-media']);
    await early.answer();
    assert.equal((await out.outcome).kind, 'answered');
    // By another method than before: a busy machine may tear a tone apart, and its rest is heard late.
    const gathered = out.gather({ maxDigits: 1, methods: ['rfc4733'], flush: true });
    await early.sendDigits({ digits: '5', method: 'rfc4733' });
    assert.equal((await gathered).digits, '5', 'audio goes on');
    const bodyOf = (direction: 'in' | 'out', start: RegExp): string => {
      const found = out.trace().find((each) => each.direction === direction && start.test(each.text));
      return parse(found?.text ?? '').body;
    };
    assert.equal(bodyOf('out', /^INVITE /), '');
    assert.match(bodyOf('in', /^SIP\/2\.0 183 [^]*X-Step: early/), /m=audio \d+ RTP\/AVP 0 /);
    assert.match(bodyOf('out', /^PRACK /), /m=audio \d+ RTP\/AVP 0 /);
    assert.equal(bodyOf('in', /^SIP\/2\.0 200 [^]*CSeq: \d+ INVITE/), '');
    assert.equal(bodyOf('out', /^ACK /), '');
    assert.equal((await out.hold('hold')).kind, 'done', 'the session can be changed afterwards');
    await out.hangup();
  });

  describe('an early offer', () => {
    const parts = (): { port: number; target: string; callId: string } => ({
      port: peer.port,
      target: 'sip:1001@127.0.0.1',
      callId: 'early',
    });
    async function invited(...headers: string[]): Promise<{ call: IncomingCall; port: number }> {
      const alice = await phones.phone('1001');
      const port = alice.address?.port ?? 0;
      const incoming = nextCall(alice);
      peer.send(request('INVITE', { ...parts(), branch: 'z9hG4bKearly', headers }), port);
      return { call: await incoming, port };
    }
    function acknowledge(port: number, progress: RawMessage, body?: string): void {
      assert.match(progress.body, /m=audio /);
      const headers = [`RAck: ${progress.header('RSeq')} 1 INVITE`];
      const to = progress.header('To');
      peer.send(request('PRACK', { ...parts(), to, cseq: 2, headers, ...(body ? { body } : {}) }), port);
    }

    it('is not made to a caller that cannot acknowledge it, who can be answered all the same', async () => {
      const { call, port } = await invited();
      await assert.rejects(call.startEarlyMedia(), { code: 'CALL_STATE', message: /100rel/ });
      const answering = call.answer();
      const ok = await peer.next('SIP/2.0 200');
      assert.match(ok.body, /m=audio /);
      peer.send(request('ACK', { ...parts(), to: ok.header('To'), cseq: 1, body: sdp(probe.port, 0) }), port);
      await answering;
      const gone = call.hangup();
      peer.send(response(await peer.next('BYE'), '200 OK'), port);
      await gone;
    });

    it('that the flow does not wait for is still answered before the call is', async () => {
      const { call, port } = await invited('Supported: 100rel');
      const early = call.startEarlyMedia();
      const progress = await peer.next('SIP/2.0 183');
      const answering = call.answer();
      acknowledge(port, progress, sdp(probe.port, 0));
      const ok = await peer.nextWhere(
        ({ startLine, header }) => startLine.includes('200') && header('CSeq') === '1 INVITE',
      );
      assert.equal(ok.body, '');
      peer.send(request('ACK', { ...parts(), to: ok.header('To'), cseq: 1 }), port);
      assert.equal((await early).event, 'early-media');
      assert.equal((await answering).event, 'answered');
      const gone = call.hangup();
      peer.send(response(await peer.next('BYE'), '200 OK'), port);
      await gone;
    });

    for (const [what, body] of [
      ['has nothing for us', (): string => sdp(probe.port, 18)],
      ['is missing', (): undefined => undefined],
    ] as const) {
      it(`whose answer ${what} ends the call with a sentence that says why`, async () => {
        const { call, port } = await invited('Supported: 100rel');
        const early = assert.rejects(call.startEarlyMedia(), { code: 'NO_COMMON_CODEC' });
        acknowledge(port, await peer.next('SIP/2.0 183'), body());
        const refusal = await peer.nextWhere(({ startLine }) => /^SIP\/2\.0 4(?:88|00)/.test(startLine));
        assert.match(refusal.header('Warning') ?? '', /sipflow/);
        peer.send(request('ACK', { ...parts(), branch: 'z9hG4bKearly', to: refusal.header('To') }), port);
        await early;
        assert.equal(call.state, 'ended');
      });
    }

    it('that comes too late for the answer is none, and the 200 makes the offer', async () => {
      const { call, port } = await invited('Supported: 100rel');
      const early = assert.rejects(call.startEarlyMedia(), { code: 'CALL_STATE' });
      const answering = call.answer();
      const ok = await peer.next('SIP/2.0 200');
      assert.match(ok.body, /m=audio /);
      peer.send(request('ACK', { ...parts(), to: ok.header('To'), cseq: 1, body: sdp(probe.port, 0) }), port);
      await Promise.all([early, answering]);
      const gone = call.hangup();
      peer.send(response(await peer.next('BYE'), '200 OK'), port);
      await gone;
    });

    it('ends with the call when the caller gives up', async () => {
      const { call, port } = await invited('Supported: 100rel');
      const early = assert.rejects(call.startEarlyMedia(), { code: 'CALL_ENDED' });
      await peer.next('SIP/2.0 183');
      peer.send(request('CANCEL', { ...parts(), branch: 'z9hG4bKearly' }), port);
      const terminated = await peer.next('SIP/2.0 487');
      peer.send(request('ACK', { ...parts(), branch: 'z9hG4bKearly', to: terminated.header('To') }), port);
      await early;
    });
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
