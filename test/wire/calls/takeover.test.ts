import assert from 'node:assert/strict';
import { createEndpoint, type InspectableEndpoint, type SipDialog } from '../../../lib/sip';
import type { Call, SipReport } from '../../../lib/calls';
import { nextCall, Phones } from '../../support/phones';
import { SDP } from '../sip/support/raw-peer';

const OFFER = { contentType: 'application/sdp', content: SDP };

/** A bare endpoint takes the place of the peer of a call, or tries to. */
describe('an INVITE with Replaces to a simulated phone', () => {
  let phones: Phones;
  let stranger: InspectableEndpoint;
  beforeEach(async () => {
    phones = new Phones({ transferPolicy: 'auto' });
    stranger = createEndpoint({
      transport: 'udp',
      bindAddress: '127.0.0.1',
      port: 0,
      user: 'stranger',
      userAgent: 'stranger',
    });
    await stranger.start();
  });
  afterEach(async () => {
    await phones.close();
    await stranger.close(500);
  });

  /** The tags of a call as its callee sees them, out of the callee's trace. */
  function replaces(call: Call): string {
    const tag = (name: string, text: string): string =>
      new RegExp(`^${name}:.*;tag=([^;\\s]+)`, 'im').exec(text)?.[1] ?? '';
    const answer = call.trace().find(({ text }) => /^SIP\/2\.0 1[18]\d/.test(text))?.text ?? '';
    const own = call.direction === 'in' ? ['To', 'From'] : ['From', 'To'];
    const [toTag, fromTag] = own.map((name) => tag(name, answer));
    return `${call.ref.callId};to-tag=${toTag};from-tag=${fromTag}`;
  }

  function invite(
    call: Call,
    at: { address: string; port: number } | undefined,
    headers: Record<string, string>,
    body?: typeof OFFER,
  ): Promise<{ status: number; dialog?: SipDialog }> {
    const out = stranger.invite({
      target: `sip:${call.direction === 'in' ? '1002' : '1001'}@127.0.0.1:${at?.port}`,
      headers,
      ...(body ? { body } : {}),
      answerLateOffer: () => OFFER,
    });
    return new Promise((resolve) => {
      out.on('answered', ({ status }, dialog) => resolve({ status, dialog }));
      out.on('failed', ({ status }) => resolve({ status }));
    });
  }

  const replaced = (call: Call): Promise<SipReport> => new Promise((resolve) => call.on('replaced', resolve));

  it('takes over an answered call, with an offer and without one; a hopeless offer changes nothing', async () => {
    const [alice, bob] = [await phones.phone('1001'), await phones.phone('1002')];
    const ringing = nextCall(bob);
    const out = await alice.dial({ target: '1002' });
    const call = await ringing;
    await call.answer();
    await out.outcome;
    const first = replaces(call);
    const hopeless = { ...OFFER, content: SDP.replace('RTP/AVP 0', 'RTP/AVP 18') };
    assert.equal((await invite(call, bob.address, { Replaces: first }, hopeless)).status, 488);
    assert.equal((await invite(call, bob.address, { Replaces: `${first};early-only` }, OFFER)).status, 486);
    assert.deepEqual([call.state, out.state], ['answered', 'answered']);

    const news = replaced(call);
    const taken = await invite(call, bob.address, { Replaces: first }, OFFER);
    assert.equal(taken.status, 200);
    await news;
    assert.equal(await out.waitFor('ended', { timeout: 5 }), 'event');
    assert.equal((await invite(call, bob.address, { Replaces: first }, OFFER)).status, 481);

    const again = replaced(call);
    const { dialog: old } = taken;
    const late = await invite(call, bob.address, {
      Replaces: `${old?.callId};to-tag=${old?.remoteTag};from-tag=${old?.localTag}`,
    });
    assert.equal(late.status, 200);
    await again;
    assert.equal(call.state, 'answered');
    assert.equal((await call.info()).codec, 'PCMU');
    await late.dialog?.bye();
    assert.equal(await call.waitFor('ended', { timeout: 5 }), 'event');
  });

  it('picks up a call of ours that rings somewhere else, which stops ringing there', async () => {
    const [alice, bob] = [await phones.phone('1001'), await phones.phone('1002')];
    const ringing = nextCall(bob);
    const out = await alice.dial({ target: '1002' });
    const call = await ringing;
    await out.waitFor('ringing', { timeout: 5 });
    assert.equal((await invite(call, bob.address, { Replaces: replaces(call) }, OFFER)).status, 481);
    const taken = await invite(out, alice.address, { Replaces: `${replaces(out)};early-only` }, OFFER);
    assert.equal(taken.status, 200);
    const outcome = await out.outcome;
    assert.equal(outcome.kind, 'answered');
    assert.equal(out.state, 'answered');
    assert.equal(await call.waitFor('ended', { timeout: 5 }), 'event');
    assert.equal((await call.info()).endedBy, 'remote');
    await out.hangup();
  });
});
