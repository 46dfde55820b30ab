import assert from 'node:assert/strict';
import {
  readRefer,
  sendRefer,
  type InspectableEndpoint,
  type ReferOutcome,
  type SipDialog,
} from '../../../lib/sip/index';
import { ManualClock } from '../../support/manual-clock';
import { answered, Bench, connect, nextInvite, OFFER, ANSWER, once, uriOf } from './support/endpoints';
import { request, response, SDP, type RawMessage, type RawPeer } from './support/raw-peer';

const CAROL = 'sip:carol@127.0.0.1:1';

function refer(
  dialog: SipDialog,
  clock: ManualClock,
  referTo = `<${CAROL}>`,
): { outcome: Promise<ReferOutcome>; progress: number[] } {
  const progress: number[] = [];
  const outcome = sendRefer(dialog, {
    referTo,
    referredBy: 'sip:alice@127.0.0.1',
    clock,
    onProgress: ({ status }) => progress.push(status),
  });
  return { outcome, progress };
}

describe('REFER between two endpoints', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  it('makes a subscription whose reports end with the outcome', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    const requested = once(far, 'request');
    const { outcome, progress } = refer(near, new ManualClock());
    const incoming = readRefer(far, await requested);
    assert.equal(incoming?.target.uri, CAROL);
    assert.equal(incoming?.referredBy, 'sip:alice@127.0.0.1');
    const notifier = incoming?.accept();
    notifier?.report({ status: 180, reason: 'Ringing' });
    notifier?.report({ status: 200, reason: 'OK' });
    assert.deepEqual(await outcome, { status: 200, reason: 'OK', origin: 'final' });
    await notifier?.finished;
    assert.deepEqual(
      progress.filter((status) => status !== 180),
      [100],
      '180 may be left out when it is out of date',
    );
  });

  it('ends when the call ends', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    const requested = once(far, 'request');
    const { outcome } = refer(near, new ManualClock());
    readRefer(far, await requested)?.accept();
    await far.bye();
    assert.equal((await outcome).origin, 'ended');
  });

  it('is refused by default, and without exactly one target that can be called', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    assert.equal((await refer(near, new ManualClock()).outcome).status, 603);
    far.on('request', (incoming) => readRefer(far, incoming));
    assert.equal((await near.request('REFER')).status, 400);
    assert.equal(
      (await near.request('REFER', { headers: { 'Refer-To': ['<sip:a@b>', '<sip:c@d>'] } })).status,
      400,
    );
    assert.equal((await near.request('REFER', { headers: { 'Refer-To': '<http://a>' } })).status, 403);
    for (const malformed of ['<sip:a b@c>', '<sip:', 'no uri', '<>', '"a <sip:a@b>', '<sip:2001:db8::1>']) {
      const refused = await near.request('REFER', { headers: { 'Refer-To': malformed } });
      assert.equal(refused.status, 400, malformed);
    }
  });

  it('replaces an answered dialog, or one of ours that rings, and no other', async () => {
    const [alice, bob, carol] = [
      await bench.endpoint('alice'),
      await bench.endpoint('bob'),
      await bench.endpoint('carol'),
    ];
    const { near, far } = await connect(alice, bob);
    const attempt = async (replaces: string | string[]) =>
      answered(carol.invite({ target: uriOf(bob), body: OFFER, headers: { Replaces: replaces } })).then(
        () => 200,
        (error: Error) => Number(/\d{3}/.exec(error.message)?.[0]),
      );
    bob.on('invite', () => undefined);
    const own = `${far.callId};to-tag=${far.localTag};from-tag=${far.remoteTag}`;
    const taken = nextInvite(bob).then((invite) => {
      assert.equal(invite.replaces?.dialog, far);
      assert.equal(invite.replaces?.early, false);
      invite.accept({ body: ANSWER });
    });
    assert.equal(await attempt(own), 200);
    await taken;
    assert.equal(await attempt(`${own};early-only`), 486);
    assert.equal(await attempt(`${own}x`), 481);
    assert.equal(await attempt([own, own]), 400);
    assert.equal(await attempt('nonsense'), 400);
    assert.equal((await near.request('INFO', { headers: { Replaces: own } })).status, 400);
    await near.bye();
    assert.equal(await attempt(own), 481);
  });

  it('finds an early dialog by the side that called, and 481 by the side that rings', async () => {
    const [alice, bob, carol] = [
      await bench.endpoint('alice'),
      await bench.endpoint('bob'),
      await bench.endpoint('carol'),
    ];
    const ringing = nextInvite(bob);
    const call = alice.invite({ target: uriOf(bob), body: OFFER });
    const progress = new Promise<string>((resolve) =>
      call.on('progress', ({ toTag }) => resolve(toTag ?? '')),
    );
    const atBob = await ringing;
    atBob.progress({ status: 180 });
    const tag = await progress;
    const pickUp = nextInvite(alice);
    const picked = answered(
      carol.invite({
        target: uriOf(alice, 'alice'),
        body: OFFER,
        headers: { Replaces: `${call.callId};to-tag=${call.localTag};from-tag=${tag};early-only` },
      }),
    );
    const invite = await pickUp;
    assert.equal(invite.replaces?.early, true);
    assert.equal(invite.replaces?.dialog.localTag, call.localTag);
    invite.accept({ body: ANSWER });
    await picked;
    bob.on('invite', () => undefined);
    await assert.rejects(
      answered(
        carol.invite({
          target: uriOf(bob),
          body: OFFER,
          headers: { Replaces: `${call.callId};to-tag=${tag};from-tag=${call.localTag}` },
        }),
      ),
      /481/,
    );
    const gone = new Promise<void>((resolve) => atBob.on('cancelled', resolve));
    call.cancel({ Reason: 'SIP;cause=200' });
    await gone;
  });

  it('takes a MESSAGE outside of dialogs once, and refuses a REFER there', async () => {
    const bob = await bench.endpoint('bob');
    const peer: RawPeer = await bench.raw(true);
    const texts: string[] = [];
    bob.on('request', ({ request: { body } }) => texts.push(body?.content ?? ''));
    const target = uriOf(bob);
    const message = request('MESSAGE', { port: peer.port, target, body: 'hello' });
    for (let copy = 0; copy < 2; copy++) {
      peer.send(message, bob.localAddress.port);
      await peer.next('SIP/2.0 200');
    }
    assert.deepEqual(texts, ['hello']);
    peer.send(
      request('REFER', { port: peer.port, target, headers: [`Refer-To: <${CAROL}>`] }),
      bob.localAddress.port,
    );
    await peer.next('SIP/2.0 403');
    peer.send(
      request('REFER', {
        port: peer.port,
        target,
        to: `<${target}>;tag=x`,
        headers: [`Refer-To: <${CAROL}>`],
      }),
      bob.localAddress.port,
    );
    await peer.next('SIP/2.0 481');
    peer.send(request('OPTIONS', { port: peer.port, target }), bob.localAddress.port);
    const options = await peer.next('SIP/2.0 200');
    assert.match(options.header('Allow'), /REFER.*MESSAGE/);
    assert.match(options.header('Supported'), /replaces/);
    assert.equal(options.header('Accept'), 'application/sdp, multipart/mixed');
  });
});

describe('REFER with a handwritten peer', () => {
  const bench = new Bench();
  let clock: ManualClock;
  let bob: InspectableEndpoint;
  let peer: RawPeer;
  let dialog: SipDialog;
  let ok: RawMessage;
  let cseq = 10;

  beforeEach(async () => {
    clock = new ManualClock();
    bob = await bench.endpoint('bob', {}, { clock });
    peer = await bench.raw(true);
    const incoming = nextInvite(bob);
    peer.send(request('INVITE', { port: peer.port, target: uriOf(bob), body: SDP }), bob.localAddress.port);
    ({ dialog } = (await incoming).accept({ body: ANSWER }));
    ok = await peer.next('SIP/2.0 200');
    send('ACK', [], 1);
  });
  afterEach(() => {
    const closed = bench.close(0);
    clock.advance(0);
    return closed;
  });

  function send(method: string, headers: string[] = [], number = ++cseq, body = ''): void {
    const text = request(method, {
      port: peer.port,
      target: uriOf(bob),
      callId: ok.header('Call-ID'),
      to: ok.header('To'),
      cseq: number,
      headers,
      body,
    });
    peer.send(text.replace('application/sdp', 'message/sipfrag;version=2.0'), bob.localAddress.port);
  }
  const notify = (state: string, event: string, status: string): void =>
    send('NOTIFY', [`Event: ${event}`, `Subscription-State: ${state}`], undefined, `SIP/2.0 ${status}\r\n`);

  it('ignores the NOTIFY of an older REFER, and one without its state', async () => {
    const { outcome, progress } = refer(dialog, clock);
    const asked = await peer.next('REFER');
    assert.equal(asked.header('Refer-To'), `<${CAROL}>`);
    assert.equal(asked.header('Referred-By'), '<sip:alice@127.0.0.1>');
    peer.send(response(asked, '202 Accepted'), bob.localAddress.port);
    const id = Number.parseInt(asked.header('CSeq'), 10);
    notify('terminated;reason=noresource', `refer;id=${id - 1}`, '486 Busy Here');
    await peer.settled(bob.localAddress.port);
    clock.advance(1000);
    await peer.next('SIP/2.0 481');
    send('NOTIFY', ['Event: refer']);
    await peer.next('SIP/2.0 400');
    notify('active;expires=60', 'refer', '100 Trying');
    await peer.next('SIP/2.0 200');
    notify('terminated;reason=noresource', `refer;id=${id}`, '200 OK');
    await peer.next('SIP/2.0 200');
    assert.equal((await outcome).status, 200);
    assert.deepEqual(progress, [100]);
  });

  it('gives up a subscription that never ends', async () => {
    const { outcome } = refer(dialog, clock);
    const asked = await peer.next('REFER');
    peer.send(response(asked, '202 Accepted'), bob.localAddress.port);
    notify('active;expires=20', 'refer', '180 Ringing');
    await peer.next('SIP/2.0 200');
    clock.advance(22_000);
    assert.deepEqual(await outcome, { status: 408, reason: 'Request Timeout', origin: 'silent' });
    notify('active', 'refer', '180 Ringing');
    await peer.next('SIP/2.0 481');
  });

  it('accepts a Refer-To without brackets and tells nothing when no subscription is wanted', async () => {
    dialog.on('request', (incoming) =>
      readRefer(dialog, incoming)?.accept().report({ status: 200, reason: 'OK' }),
    );
    send('REFER', [`Refer-To: ${CAROL};transport=udp`]);
    await peer.next('SIP/2.0 202');
    const first = await peer.next('NOTIFY');
    assert.match(first.header('Event'), /^refer;id=\d+$/);
    peer.send(response(first, '200 OK'), bob.localAddress.port);
    const last = first.header('Subscription-State').startsWith('terminated')
      ? first
      : await peer.next('NOTIFY');
    assert.equal(last.header('Subscription-State'), 'terminated;reason=noresource');
    assert.equal(last.body, 'SIP/2.0 200 OK\r\n');
    peer.send(response(last, '200 OK'), bob.localAddress.port);
    const notified = peer.count('NOTIFY');
    send('REFER', [`Refer-To: <${CAROL}>`, 'Refer-Sub: false', 'Require: norefersub']);
    assert.equal((await peer.next('SIP/2.0 202')).header('Refer-Sub'), 'false');
    await peer.settled(bob.localAddress.port);
    assert.equal(peer.count('NOTIFY'), notified);
  });
});
