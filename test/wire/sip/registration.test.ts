import assert from 'node:assert/strict';
import type { RegistrationReport } from '../../../lib/sip/index';
import { ManualClock } from '../../support/manual-clock';
import { Bench, OFFER } from './support/endpoints';
import { response, type RawMessage, type RawPeer } from './support/raw-peer';

describe('an endpoint with a registrar', () => {
  const bench = new Bench();
  let peer: RawPeer;
  let clock: ManualClock;
  const reports: RegistrationReport[] = [];

  beforeEach(async () => {
    reports.length = 0;
    clock = new ManualClock();
    peer = await bench.raw(true);
  });
  afterEach(async () => {
    const closed = bench.close(0);
    clock.advance(0);
    await closed;
  });

  const open = async (more = {}): ReturnType<Bench['endpoint']> => {
    const credentials = { user: 'alice', password: 'secret' };
    const registrar = `127.0.0.1:${peer.port}`;
    const options = { credentials, registrar, registerExpires: 300, domain: 'example.org', ...more };
    return bench.endpoint('alice', options, {
      clock,
      onCreated: (endpoint) => endpoint.on('registration', (each) => reports.push(each)),
    });
  };
  const reply = (to: RawMessage, status: string, headers: string[] = []): void =>
    peer.send(response(to, status, { tag: 'r', headers }), to.port);
  const state = (): string | undefined => reports.at(-1)?.state;

  async function registered(headers: string[] = []): Promise<Awaited<ReturnType<typeof open>>> {
    const alice = await open();
    const request = await peer.next('REGISTER');
    reply(request, '200 OK', [`Contact: ${request.header('Contact')}`, ...headers]);
    await peer.settled(alice.localAddress.port);
    return alice;
  }

  it('registers with credentials, the same Call-ID and From tag, and rising CSeq', async () => {
    const alice = await open();
    const first = await peer.next('REGISTER');
    assert.equal(first.startLine, `REGISTER sip:127.0.0.1:${peer.port} SIP/2.0`);
    assert.equal(first.header('To'), '<sip:alice@example.org>');
    assert.match(first.header('From'), /^<sip:alice@example\.org>;tag=/);
    assert.equal(first.header('Contact'), `<sip:alice@127.0.0.1:${alice.localAddress.port}>;expires=300`);
    assert.equal(state(), 'registering');
    reply(first, '401 Unauthorized', [
      'WWW-Authenticate: Digest realm="lab", nonce="n", algorithm=SHA-256, qop="auth"',
    ]);
    const second = await peer.next('REGISTER');
    assert.match(second.header('Authorization'), /^Digest username="alice".*algorithm=SHA-256/);
    assert.equal(second.header('Call-ID'), first.header('Call-ID'));
    assert.equal(second.header('From'), first.header('From'));
    assert.equal(second.header('CSeq'), '2 REGISTER');
    reply(second, '200 OK', [`Contact: ${second.header('Contact')}`]);
    await peer.settled(alice.localAddress.port);
    assert.equal(state(), 'registered');
    assert.equal(alice.registration?.state, 'registered');
  });

  it('refreshes in time, with the credentials at once, and takes the binding away at close', async () => {
    const alice = await registered();
    clock.advance(reports.at(-1)?.nextInMs ?? 0);
    const refresh = await peer.next('REGISTER');
    assert.equal(refresh.header('CSeq'), '2 REGISTER');
    reply(refresh, '200 OK', [`Contact: ${refresh.header('Contact')}`]);
    await peer.settled(alice.localAddress.port);
    const closed = alice.close();
    const last = await peer.next('REGISTER');
    assert.match(last.header('Contact'), /;expires=0$/);
    reply(last, '200 OK');
    await closed;
    assert.equal(state(), 'closed');
    assert.equal(clock.pending, 0);
  });

  it('keeps the way through a NAT open while it is registered, and no longer', async () => {
    const alice = await registered();
    const pings = (): number => peer.received.filter(({ text }) => text === '\r\n\r\n').length;
    clock.advance(28_000);
    await peer.settled(alice.localAddress.port);
    assert.equal(pings(), 1, 'within 28 s, less than a NAT waits');
    clock.advance(56_000);
    await peer.settled(alice.localAddress.port);
    assert.ok(pings() >= 3, `${pings()} pings in 84 s`);
    const closed = alice.close();
    const last = await peer.next('REGISTER');
    reply(last, '200 OK');
    await closed;
    assert.equal(clock.pending, 0);
  });

  it('sends INVITEs along the Service-Route', async () => {
    const alice = await registered([`Service-Route: <sip:127.0.0.1:${peer.port};lr>`]);
    alice.invite({ target: 'sip:bob@example.invalid', body: OFFER });
    const invite = await peer.next('INVITE');
    assert.equal(invite.startLine, 'INVITE sip:bob@example.invalid SIP/2.0');
    assert.deepEqual(invite.all('Route'), [`<sip:127.0.0.1:${peer.port};lr>`]);
    reply(invite, '404 Not Found');
    await peer.next('ACK');
  });

  it('says what to do when the password is wrong or nobody answers', async () => {
    const alice = await open();
    for (const nonce of ['1', '1']) {
      reply(await peer.next('REGISTER'), '401 Unauthorized', [
        `WWW-Authenticate: Digest realm="lab", nonce="${nonce}"`,
      ]);
    }
    await peer.settled(alice.localAddress.port);
    assert.equal(state(), 'failed');
    assert.equal(reports.at(-1)?.error?.code, 'AUTH');
    clock.advance(reports.at(-1)?.nextInMs ?? 0);
    await peer.next('REGISTER');
    clock.advance(32_000);
    assert.equal(reports.at(-1)?.error?.code, 'TIMEOUT');
  });

  it('does not let a dead registrar hold up the close', async () => {
    const alice = await registered();
    const closed = alice.close(1000);
    await peer.next('REGISTER');
    clock.advance(1000);
    await closed;
    assert.equal(clock.pending, 0);
  });

  it('registers when it is told to, and not before; a second time asks the registrar again', async () => {
    const alice = await open({ register: false });
    await peer.settled(alice.localAddress.port);
    assert.equal(peer.count('REGISTER'), 0);
    for (const cseq of ['1 REGISTER', '2 REGISTER']) {
      const registering = alice.register();
      const request = await peer.next('REGISTER');
      assert.equal(request.header('CSeq'), cseq);
      reply(request, '200 OK', [`Contact: ${request.header('Contact')}`]);
      assert.equal((await registering).state, 'registered');
    }
  });

  it('takes its registration back and begins a new one, of which it says so', async () => {
    const alice = await registered();
    const first = peer.received[0]?.header('Call-ID');
    const taking = alice.unregister();
    const again = alice.register();
    const last = await peer.next('REGISTER');
    assert.match(last.header('Contact'), /;expires=0$/);
    reply(last, '200 OK');
    await taking;
    assert.equal(reports.filter(({ state }) => state === 'closed').length, 0);
    const request = await peer.next('REGISTER');
    assert.notEqual(request.header('Call-ID'), first);
    reply(request, '200 OK', [`Contact: ${request.header('Contact')}`]);
    await again;
    assert.deepEqual(
      reports.map(({ state }) => state),
      ['registering', 'registered', 'unregistering', 'unregistered', 'registering', 'registered'],
    );
  });

  it('says why the first try failed, goes on trying, and ends that with the registration', async () => {
    const alice = await open({ register: false });
    const registering = assert.rejects(alice.register(), { code: 'AUTH' });
    reply(await peer.next('REGISTER'), '403 Forbidden');
    await registering;
    assert.equal(state(), 'failed');
    await alice.unregister();
    assert.equal(state(), 'unregistered');
    clock.advance(3_600_000);
    await peer.settled(alice.localAddress.port);
    assert.equal(peer.count('REGISTER'), 1);
    const given = assert.rejects(alice.register(), { code: 'CALL_STATE' });
    const taking = alice.unregister();
    reply(await peer.next('REGISTER'), '200 OK');
    await given;
    reply(await peer.next('REGISTER'), '200 OK');
    await taking;
  });
});
