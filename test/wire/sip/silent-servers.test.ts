import assert from 'node:assert/strict';
import { systemClock } from '../../../lib/common/clock';
import { Locator, type DnsResolver } from '../../../lib/sip/locate';
import type { InspectableEndpoint } from '../../../lib/sip/index';
import { ManualClock } from '../../support/manual-clock';
import { Bench } from './support/endpoints';
import { response, type RawMessage, type RawPeer } from './support/raw-peer';

const absent = (): Promise<never> => Promise.reject(Object.assign(new Error('none'), { code: 'ENODATA' }));

/** A name server that knows servers of example.test at these ports, best first. */
const resolver = (ports: number[]): DnsResolver => ({
  resolveNaptr: absent,
  resolveSrv: (name) =>
    name === '_sip._udp.example.test'
      ? Promise.resolve(
          ports.map((port, index) => ({ name: 'pbx.example.test', port, priority: index, weight: 0 })),
        )
      : absent(),
  resolve4: () => Promise.resolve([{ address: '127.0.0.1', ttl: 60 }]),
  resolve6: absent,
});

describe('requests other than INVITE whose first server says nothing', () => {
  const bench = new Bench();
  let clock: ManualClock;
  let silent: RawPeer;
  let second: RawPeer;

  beforeEach(async () => {
    clock = new ManualClock();
    [silent, second] = [await bench.raw(true), await bench.raw(true)];
  });
  afterEach(async () => {
    const closed = bench.close(0);
    clock.advance(0);
    await closed;
    assert.equal(clock.pending, 0);
  });

  const open = (options = {}): Promise<InspectableEndpoint> =>
    bench.endpoint('alice', options, {
      locator: new Locator({ resolver: resolver([silent.port, second.port]), clock: systemClock }),
      clock,
    });
  const reply = (from: RawPeer, to: RawMessage, status: string, headers: string[] = []): void =>
    from.send(response(to, status, { tag: 'far', headers }), to.port);

  for (const method of ['OPTIONS', 'MESSAGE', 'PUBLISH']) {
    it(`${method} reaches the second one after 4 seconds, and is not sent to the first again`, async () => {
      const alice = await open();
      const outcome = alice.request({ method, target: 'sip:bob@example.test' });
      const first = await silent.next(method);
      clock.advance(3900);
      await second.settled(alice.localAddress.port);
      assert.equal(second.count(method), 0);
      clock.advance(100);
      const next = await second.next(method);
      assert.equal(next.header('Call-ID'), first.header('Call-ID'));
      assert.notEqual(next.header('Via'), first.header('Via'));
      const sent = silent.count(method);
      clock.advance(4000);
      await silent.settled(alice.localAddress.port);
      assert.equal(silent.count(method), sent, 'the first one gets no more of it');
      // What it says now is too late.
      reply(silent, first, '404 Not Found');
      await silent.settled(alice.localAddress.port);
      reply(second, next, '200 OK');
      assert.equal((await outcome).status, 200);
      assert.equal(alice.counts.clients, 0);
    });
  }

  it('wait for one that works on it', async () => {
    const alice = await open();
    const outcome = alice.request({ method: 'OPTIONS', target: 'sip:bob@example.test' });
    const first = await silent.next('OPTIONS');
    reply(silent, first, '100 Trying');
    await silent.settled(alice.localAddress.port);
    clock.advance(20_000);
    await second.settled(alice.localAddress.port);
    assert.equal(second.count('OPTIONS'), 0);
    reply(silent, first, '200 OK');
    assert.equal((await outcome).status, 200);
  });

  it('wait for timer F when they are told to, and of the last server', async () => {
    const alice = await open({ failOverAfter: 0 });
    const outcome = alice.request({ method: 'OPTIONS', target: 'sip:bob@example.test' });
    await silent.next('OPTIONS');
    clock.advance(31_900);
    await second.settled(alice.localAddress.port);
    assert.equal(second.count('OPTIONS'), 0);
    clock.advance(100);
    await second.next('OPTIONS');
    clock.advance(31_900);
    clock.advance(100);
    assert.equal((await outcome).status, 408);
  });

  it('REGISTER reaches the second one after 4 seconds and stays with it', async () => {
    const alice = await open({ registrar: 'example.test', registerExpires: 300 });
    await silent.next('REGISTER');
    clock.advance(3900);
    await second.settled(alice.localAddress.port);
    assert.equal(second.count('REGISTER'), 0);
    clock.advance(100);
    const next = await second.next('REGISTER');
    reply(second, next, '200 OK', [`Contact: ${next.header('Contact')}`]);
    await second.settled(alice.localAddress.port);
    assert.equal(alice.registration?.state, 'registered');
    const sent = silent.count('REGISTER');
    clock.advance(300_000);
    await second.next('REGISTER');
    assert.equal(silent.count('REGISTER'), sent);
  });

  it('SUBSCRIBE reaches the second one after 4 seconds', async () => {
    const alice = await open();
    const subscription = alice.subscribe({ target: 'sip:bob@example.test', event: 'presence' });
    const accepted = new Promise((resolve) => subscription.on('accepted', resolve));
    await silent.next('SUBSCRIBE');
    clock.advance(4000);
    const next = await second.next('SUBSCRIBE');
    reply(second, next, '200 OK', ['Expires: 600', `Contact: <sip:bob@127.0.0.1:${second.port}>`]);
    await accepted;
  });
});
