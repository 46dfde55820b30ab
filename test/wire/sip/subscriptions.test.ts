import assert from 'node:assert/strict';
import type {
  InspectableEndpoint,
  Notification,
  Subscription,
  SubscriptionEnd,
} from '../../../lib/sip/index';
import { ManualClock } from '../../support/manual-clock';
import { Bench } from './support/endpoints';
import { request, response, type RawMessage, type RawPeer } from './support/raw-peer';

const MWI = 'Messages-Waiting: yes\r\nVoice-Message: 2/8 (0/2)\r\n';

describe('a subscription (RFC 6665)', () => {
  const bench = new Bench();
  let peer: RawPeer;
  let clock: ManualClock;
  let alice: InspectableEndpoint;
  const notifications: Notification[] = [];
  let end: SubscriptionEnd | undefined;

  beforeEach(async () => {
    notifications.length = 0;
    end = undefined;
    clock = new ManualClock();
    peer = await bench.raw(true);
    alice = await bench.endpoint('alice', {}, { clock });
  });
  afterEach(async () => {
    const closed = bench.close(0);
    clock.advance(0);
    await closed;
    assert.equal(alice.counts.clients, 0);
  });

  const target = (): string => `sip:mwi@127.0.0.1:${peer.port}`;
  const subscribe = (expires = 600): Subscription => {
    const subscription = alice.subscribe({ target: target(), event: 'message-summary', expires });
    subscription.on('notify', (notification) => notifications.push(notification));
    subscription.on('ended', (how) => (end = how));
    return subscription;
  };
  const reply = (to: RawMessage, status: string, headers: string[] = []): void =>
    peer.send(response(to, status, { tag: 'notifier', contact: target(), headers }), to.port);
  let cseq = 0;
  const notify = (
    to: RawMessage,
    state: string | null,
    { event = 'message-summary', tag = 'notifier', body = MWI, number = ++cseq, toTag = '' } = {},
  ): void => {
    const ours = /tag=([^;]+)/.exec(to.header('From'))?.[1] ?? '';
    peer.send(
      request('NOTIFY', {
        port: peer.port,
        target: `sip:alice@127.0.0.1:${alice.localAddress.port}`,
        callId: to.header('Call-ID'),
        fromTag: tag,
        to: `<sip:alice@127.0.0.1>;tag=${toTag || ours}`,
        cseq: number,
        contact: `<${target()}>`,
        headers: [`Event: ${event}`, ...(state === null ? [] : [`Subscription-State: ${state}`])],
        body,
      }),
      to.port,
    );
  };
  /** Everything that the endpoint has got by now is dealt with. */
  const settled = (): Promise<void> => peer.settled(alice.localAddress.port);

  /** A subscription that stands, and has its first notification. */
  async function standing(granted = 600): Promise<{ subscription: Subscription; first: RawMessage }> {
    const subscription = subscribe();
    const first = await peer.next('SUBSCRIBE');
    reply(first, '200 OK', [`Expires: ${granted}`]);
    notify(first, `active;expires=${granted}`);
    await peer.next('SIP/2.0 200');
    return { subscription, first };
  }

  it('asks, tells its notifications, refreshes within the same dialog, and takes it back', async () => {
    const { subscription, first } = await standing();
    assert.equal(first.startLine, `SUBSCRIBE ${target()} SIP/2.0`);
    assert.equal(first.header('Event'), 'message-summary');
    assert.equal(first.header('Expires'), '600');
    assert.equal(first.header('Accept'), 'application/simple-message-summary');
    assert.match(first.header('Contact'), /^<sip:alice@/);
    assert.equal(notifications[0]?.request.body?.content, MWI);
    assert.equal(notifications[0]?.state, 'active');

    clock.advance(540_000);
    const refresh = await peer.next('SUBSCRIBE');
    assert.equal(refresh.header('Call-ID'), first.header('Call-ID'));
    assert.equal(refresh.header('From'), first.header('From'));
    assert.match(refresh.header('To'), /;tag=notifier$/);
    assert.equal(refresh.header('CSeq'), '2 SUBSCRIBE');
    reply(refresh, '200 OK', ['Expires: 600']);
    notify(refresh, 'active;expires=600');
    await peer.next('SIP/2.0 200');
    assert.equal(notifications.length, 2);

    const stopped = subscription.stop();
    const last = await peer.next('SUBSCRIBE');
    assert.equal(last.header('Expires'), '0');
    reply(last, '200 OK', ['Expires: 0']);
    await stopped;
    assert.equal(end?.kind, 'stopped');
    notify(last, 'terminated;reason=timeout');
    await peer.next('SIP/2.0 200');
    assert.equal(notifications.length, 2, 'whoever has stopped it hears nothing more');
    await settled();
    assert.equal(alice.counts.clients, 0);
  });

  it('follows 423, at most three times and to a week', async () => {
    subscribe(60);
    reply(await peer.next('SUBSCRIBE'), '423 Interval Too Brief', ['Min-Expires: 120']);
    const second = await peer.next('SUBSCRIBE');
    assert.equal(second.header('Expires'), '120');
    reply(second, '423 Interval Too Brief', ['Min-Expires: 700000']);
    await settled();
    assert.equal(end?.kind, 'refused');
    assert.equal(end?.response?.status, 423);
  });

  it('answers a challenge, with the next CSeq of the same Call-ID', async () => {
    await alice.close(0);
    const credentials = { user: 'alice', password: 'secret' };
    alice = await bench.endpoint('alice', { credentials }, { clock });
    subscribe();
    const first = await peer.next('SUBSCRIBE');
    reply(first, '401 Unauthorized', ['WWW-Authenticate: Digest realm="lab", nonce="n", qop="auth"']);
    const second = await peer.next('SUBSCRIBE');
    assert.match(second.header('Authorization'), /username="alice"/);
    assert.equal(second.header('Call-ID'), first.header('Call-ID'));
    assert.equal(second.header('CSeq'), '2 SUBSCRIBE');
  });

  it('a NOTIFY may overtake the 2xx, and Record-Route leads the refresh', async () => {
    const proxy = await bench.raw(true);
    subscribe();
    const first = await peer.next('SUBSCRIBE');
    notify(first, 'active');
    await peer.next('SIP/2.0 200');
    assert.equal(notifications.length, 1);
    reply(first, '202 Accepted', ['Expires: 600', `Record-Route: <sip:127.0.0.1:${proxy.port};lr>`]);
    await settled();
    clock.advance(560_000);
    // The dialog is the one that the NOTIFY has made, which came without Record-Route.
    const refresh = await peer.next('SUBSCRIBE');
    assert.equal(refresh.header('Route'), '');
    assert.equal(proxy.count('SUBSCRIBE'), 0);
  });

  it('Record-Route of the 2xx leads the refresh by the proxy', async () => {
    const proxy = await bench.raw(true);
    subscribe();
    const first = await peer.next('SUBSCRIBE');
    reply(first, '200 OK', ['Expires: 600', `Record-Route: <sip:127.0.0.1:${proxy.port};lr>`]);
    await settled();
    notify(first, 'active');
    await peer.next('SIP/2.0 200');
    clock.advance(560_000);
    const refresh = await proxy.next('SUBSCRIBE');
    assert.equal(refresh.header('Route'), `<sip:127.0.0.1:${proxy.port};lr>`);
  });

  it('ends when the notifier says so, with its reason and when to try again', async () => {
    const { first } = await standing();
    notify(first, 'terminated;reason=probation;retry-after=120');
    await peer.next('SIP/2.0 200');
    assert.equal(notifications.at(-1)?.state, 'terminated');
    assert.deepEqual(end, { kind: 'terminated', reason: 'probation', retryAfter: 120 });
    notify(first, 'active');
    await peer.next('SIP/2.0 481');
    clock.advance(600_000);
    await settled();
    assert.equal(peer.count('SUBSCRIBE sip:mwi'), 1);
  });

  it('is refused with the response that refuses it', async () => {
    subscribe();
    reply(await peer.next('SUBSCRIBE'), '489 Bad Event');
    await settled();
    assert.equal(end?.kind, 'refused');
    assert.equal(end?.response?.status, 489);
  });

  it('fails when nothing answers, and when no NOTIFY follows the 2xx', async () => {
    const silent = subscribe();
    await peer.next('SUBSCRIBE');
    clock.advance(32_000);
    assert.equal(end?.response?.status, 408);
    subscribe();
    const second = await peer.nextWhere(
      ({ startLine, header }) => startLine.startsWith('SUBSCRIBE') && header('Call-ID') !== silent.callId,
    );
    reply(second, '200 OK', ['Expires: 600']);
    await settled();
    end = undefined;
    clock.advance(32_000);
    assert.equal((end as SubscriptionEnd | undefined)?.kind, 'silent');
  });

  it('a refresh that is not answered is tried again while the subscription lasts', async () => {
    await standing();
    clock.advance(560_000);
    await peer.next('SUBSCRIBE');
    clock.advance(32_000);
    assert.equal(end, undefined);
    clock.advance(8_000);
    const again = await peer.nextWhere(({ header }) => header('CSeq') === '3 SUBSCRIBE');
    reply(again, '481 Subscription Does Not Exist');
    await settled();
    assert.equal((end as SubscriptionEnd | undefined)?.kind, 'expired');
    assert.equal((end as SubscriptionEnd | undefined)?.response?.status, 481);
  });

  it('fetches the state once with Expires 0', async () => {
    subscribe(0);
    const first = await peer.next('SUBSCRIBE');
    assert.equal(first.header('Expires'), '0');
    reply(first, '200 OK', ['Expires: 0']);
    notify(first, 'terminated;reason=timeout');
    await peer.next('SIP/2.0 200');
    assert.equal(notifications.length, 1);
    assert.equal(end?.kind, 'fetched');
  });

  const nobody: { what: string; state?: string | null; parts: object; status: number }[] = [
    { what: 'of another event', parts: { event: 'presence' }, status: 481 },
    { what: 'of another fork', parts: { tag: 'other' }, status: 481 },
    { what: 'with a tag that is not ours', parts: { toTag: 'nobody' }, status: 481 },
    { what: 'without Subscription-State', state: null, parts: {}, status: 400 },
    { what: 'that another one has overtaken', parts: { number: 0 }, status: 500 },
  ];
  for (const { what, state = 'active', parts, status } of nobody) {
    it(`a NOTIFY ${what} gets ${status}`, async () => {
      const { first } = await standing();
      notify(first, state, parts);
      await peer.next(`SIP/2.0 ${status}`);
      assert.equal(notifications.length, 1);
      assert.equal(end, undefined);
    });
  }

  it('of a flood 50 a second are told; the others are asked to come later', async () => {
    const { first } = await standing();
    for (let count = 0; count < 200; count++) {
      notify(first, 'active');
      if (count % 50 === 49) await settled();
    }
    assert.equal(notifications.length, 50);
    const later = peer.received.find(({ startLine }) => startLine.startsWith('SIP/2.0 503'));
    assert.equal(later?.header('Retry-After'), '1');
    clock.advance(1000);
    notify(first, 'active');
    await settled();
    assert.equal(notifications.length, 51);
  });

  it('stopped before its answer, it is taken back when that has come', async () => {
    const subscription = subscribe();
    const first = await peer.next('SUBSCRIBE');
    const stopped = subscription.stop();
    reply(first, '200 OK', ['Expires: 600']);
    const last = await peer.next('SUBSCRIBE');
    assert.equal(last.header('Expires'), '0');
    reply(last, '200 OK');
    await stopped;
    assert.equal(end?.kind, 'stopped');
  });

  it('is taken back when the endpoint closes', async () => {
    const { first } = await standing();
    const closed = alice.close(500);
    const last = await peer.nextWhere(({ header }) => header('CSeq') === '2 SUBSCRIBE');
    assert.equal(last.header('Expires'), '0');
    assert.equal(last.header('Call-ID'), first.header('Call-ID'));
    reply(last, '200 OK');
    await closed;
    assert.equal(end?.kind, 'stopped');
  });

  it('200 stand at most, and what names no event or no time is refused', () => {
    const open = (options: object = {}): Subscription =>
      alice.subscribe({ target: target(), event: 'presence', ...options });
    assert.throws(() => open({ event: '' }), { code: 'BAD_CONFIG' });
    assert.throws(() => open({ event: 'presence\r\nEvil: 1' }), { code: 'BAD_CONFIG' });
    assert.throws(() => open({ expires: -1 }), { code: 'BAD_CONFIG' });
    assert.throws(() => open({ expires: 604_801 }), { code: 'BAD_CONFIG' });
    assert.throws(() => open({ target: 'nobody' }), { code: 'BAD_TARGET' });
    for (let count = 0; count < 200; count++) open();
    assert.throws(() => open(), { code: 'MAX_CALLS' });
  });
});
