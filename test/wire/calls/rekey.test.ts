import assert from 'node:assert/strict';
import { nextCall, Phones } from '../../support/phones';
import type { Call } from '../../../lib/calls';
import { RawPeer, request, response, type RawMessage } from '../sip/support/raw-peer';
import { masterIn, newMaster, SecuredEar } from './support/secured-ear';

/** Packets that a change of keys may cost in one direction: those between the two descriptions. */
const MAX_GAP = 5;

describe('new SRTP keys in the middle of a call', () => {
  let phones: Phones;
  let peer: RawPeer;
  let ear: SecuredEar;
  const masters = [newMaster(), newMaster(), newMaster()];
  beforeEach(async () => {
    phones = new Phones({ mode: 'network', srtp: 'required' });
    peer = await RawPeer.open();
    ear = await SecuredEar.open(masters[0]);
  });
  afterEach(async () => {
    await phones.close();
    await peer.close();
    await ear.close();
  });

  /** Received, and dropped as not genuine. */
  async function figures(call: Call): Promise<{ packets: number; discarded: number; lost: number }> {
    const { rtp } = await call.info();
    assert.ok(rtp);
    return rtp.received;
  }

  /** Waits until the call has taken everything that was sent to it. */
  async function assertAllTaken(call: Call, gap: number): Promise<void> {
    for (;;) {
      const { packets, discarded } = await figures(call);
      if (packets + discarded < ear.sent) continue;
      assert.ok(discarded <= gap, `${discarded} of ${ear.sent} packets were refused`);
      assert.ok(packets >= ear.sent - gap);
      return;
    }
  }

  it('go on in both directions when the peer offers one, and the old one is no longer taken', async () => {
    const phone = await phones.phone('1001');
    const port = phone.address?.port ?? 0;
    const incoming = nextCall(phone);
    const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: 'rekey-in' };
    const branch = 'z9hG4bKrekeyin1';
    peer.send(request('INVITE', { ...parts, branch, body: ear.sdp(masters[0], 1) }), port);
    const call = await incoming;
    const answering = call.answer();
    const ok = await peer.next('200');
    const acknowledge = (to: RawMessage, cseq: number): void =>
      peer.send(request('ACK', { ...parts, to: to.header('To'), cseq }), port);
    acknowledge(ok, 1);
    ear.expect(masterIn(ok.body));
    await answering;
    await ear.hears(20);

    const reinvite = { ...parts, to: ok.header('To'), cseq: 2, body: ear.sdp(masters[1], 2) };
    peer.send(request('INVITE', reinvite), port);
    const again = await peer.next('200');
    acknowledge(again, 2);
    ear.expect(masterIn(again.body));
    const old = ear.seal();
    ear.sendWith(masters[1]);
    await ear.hears(20);
    await assertAllTaken(call, MAX_GAP);
    assert.ok(ear.refused <= MAX_GAP && ear.missing <= MAX_GAP, `${ear.refused}, ${ear.missing}`);

    const { discarded } = await figures(call);
    ear.send(old, mediaPort(again));
    await ear.hears(5);
    await assertAllTaken(call, discarded + 1);
    assert.equal((await figures(call)).discarded, discarded + 1, 'a packet of the old key is refused');

    const gone = call.hangup();
    peer.send(response(await peer.next('BYE'), '200 OK'), port);
    await gone;
  });

  it('go on when our re-INVITE is answered with a new one, for hold and resume', async () => {
    const phone = await phones.phone('1001');
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    const call = await phone.dial({ target });
    const invite = await peer.next('INVITE');
    const answer = (to: RawMessage, index: number): void => {
      ear.expect(masterIn(to.body));
      const body = ear.sdp(masters[index], index + 1);
      // Whoever is held may only listen.
      const direction = /a=sendonly/.test(to.body) ? 'a=recvonly\r\n' : '';
      peer.send(response(to, '200 OK', { tag: 'bob', contact: target, body: body + direction }), to.port);
      ear.sendWith(masters[index]);
    };
    answer(invite, 0);
    assert.equal((await call.outcome).kind, 'answered');
    await ear.hears(20);
    const holding = call.hold('hold');
    answer(await peer.next('INVITE'), 1);
    assert.equal((await holding).kind, 'done');
    await ear.hears(10);
    const resuming = call.hold('resume');
    answer(await peer.next('INVITE'), 2);
    assert.equal((await resuming).kind, 'done');
    await ear.hears(20);
    await assertAllTaken(call, 2 * MAX_GAP);
    assert.ok(ear.refused <= MAX_GAP && ear.missing <= MAX_GAP, `${ear.refused}, ${ear.missing}`);
    const gone = call.hangup();
    const bye = await peer.next('BYE');
    peer.send(response(bye, '200 OK'), bye.port);
    await gone;
  });
});

/** The port that an answer names for its audio. */
function mediaPort({ body }: RawMessage): number {
  return Number(/m=audio (\d+)/.exec(body)?.[1]);
}
