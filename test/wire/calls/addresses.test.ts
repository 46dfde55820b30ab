import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPrivateKey } from 'node:crypto';
import type { PhoneOptions } from '../../../lib/calls';
import { connect, nextCall, Phones } from '../../support/phones';
import { RawPeer, response } from '../sip/support/raw-peer';
import { pretendInterfaces } from './support/interfaces';

describe('a phone that listens on every address', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones({ mode: 'network' });
  });
  afterEach(() => phones.close());

  for (const { wildcard, loopback, host } of [
    { wildcard: '0.0.0.0', loopback: '127.0.0.1', host: '127.0.0.1' },
    { wildcard: '::', loopback: '::1', host: '[::1]' },
  ]) {
    it(`pitfall 9: names ${host} to a peer on this machine, in Via, Contact and SDP`, async () => {
      const everywhere = await phones.phone('1001', { bindAddress: wildcard });
      const near = await phones.phone('1002', { bindAddress: loopback });
      const incoming = nextCall(near);
      const port = near.address?.port;
      const out = await everywhere.dial({ target: `sip:1002@${host}:${port}` });
      const call = await incoming;
      const { headers = {} } = call.lastSip;
      const own = `${host}:${everywhere.address?.port}`;
      assert.ok(headers['Via'][0].startsWith(`SIP/2.0/UDP ${own};`), headers['Via'][0]);
      assert.equal(headers['Contact'][0], `<sip:1001@${own}>`);
      await call.answer();
      assert.equal((await out.outcome).kind, 'answered');
      const gathered = call.gather({ maxDigits: 1 });
      await out.sendDigits({ digits: '4' });
      assert.equal((await gathered).digits, '4', 'the SDP names an address that leads here');
      await call.hangup();
      await everywhere.close();
      await near.close();
    });
  }

  it('pitfall 9: names another address to the target of a transfer when that is on another network', async () => {
    const end = pretendInterfaces(['127.0.1.1/24', '127.0.2.1/24']);
    try {
      const everywhere = await phones.phone('1001', { bindAddress: '0.0.0.0', transferPolicy: 'auto' });
      const transferor = await phones.phone('1002', { bindAddress: '127.0.1.5' });
      const target = await phones.phone('1003', { bindAddress: '127.0.2.5' });
      const uri = `sip:1001@127.0.1.1:${everywhere.address?.port}`;
      const { out } = await connect(transferor, everywhere, uri);
      const reached = nextCall(target);
      const transferred = out.transfer({
        kind: 'blind',
        target: `sip:1003@127.0.2.5:${target.address?.port}`,
      });
      const call = await reached;
      assert.match(call.trace()[0]?.text ?? '', /^INVITE [\s\S]*\r\nc=IN IP4 127\.0\.2\.1\r\n/);
      await call.answer();
      assert.equal((await transferred).kind, 'transferred');
      await call.hangup();
    } finally {
      end();
    }
  });

  it('pitfall 9: writes the address of the peer’s network into its answer too', async () => {
    const everywhere = await phones.phone('1001', { bindAddress: '0.0.0.0' });
    const near = await phones.phone('1002');
    const incoming = nextCall(everywhere);
    const out = await near.dial({ target: `sip:1001@127.0.0.1:${everywhere.address?.port}` });
    const call = await incoming;
    await call.answer();
    const outcome = await out.outcome;
    assert.equal(outcome.sip.headers?.['Contact'][0], `<sip:1001@127.0.0.1:${everywhere.address?.port}>`);
    const gathered = call.gather({ maxDigits: 1 });
    await out.sendDigits({ digits: '5' });
    assert.equal((await gathered).digits, '5');
    await out.hangup();
  });
});

describe('a phone with TLS settings of its own', () => {
  const pem = (name: string): string =>
    readFileSync(join(__dirname, '..', 'sip', 'support', 'tls', `test-only-${name}.pem`), 'utf8');
  /** The certificate is for sip.test, localhost and 127.0.0.1; it signs itself. */
  const own = { cert: pem('cert'), key: pem('key') };
  const network: Partial<PhoneOptions> = { mode: 'network', transport: 'tls' };
  const phones = new Phones(network);
  after(() => phones.close());

  async function outcomeOf(dn: string, tls: PhoneOptions['tls']): Promise<string> {
    const callee = await phones.phone('2000', { tls: own });
    const caller = await phones.phone(dn, { tls });
    void nextCall(callee).then((call) => call.reject({ status: 486 }));
    const call = await caller.dial({ target: `sip:2000@127.0.0.1:${callee.address?.port};transport=tls` });
    const { sip, kind } = await call.outcome;
    assert.equal(kind, 'failed');
    await callee.close();
    await caller.close();
    return `${sip.status} ${sip.diagnosis ?? ''}`;
  }

  it('verifies the certificate of its peer unless told otherwise, by the name that is set', async () => {
    assert.match(await outcomeOf('1', {}), /^503 .*signed.*CA/);
    assert.match(await outcomeOf('2', { verify: false }), /^486/);
    assert.match(await outcomeOf('3', { ca: own.cert }), /^486/);
    assert.match(await outcomeOf('4', { ca: own.cert, servername: 'sip.test' }), /^486/);
    assert.match(await outcomeOf('5', { ca: own.cert, servername: 'other.test' }), /^503 .*another name/);
  });

  it('opens a key with its passphrase, and says TLS when that does not fit', async () => {
    const key = createPrivateKey(own.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
      .toString();
    const good = await phones.phone('1', { tls: { cert: own.cert, key, passphrase: 'open sesame' } });
    await good.close();
    const bad = phones.create('2', { tls: { cert: own.cert, key, passphrase: 'no' } });
    await assert.rejects(bad.start(), { code: 'TLS', message: /passphrase/ });
    const none = phones.create('3', { tls: { cert: 'x', key: 'y' } });
    await assert.rejects(none.start(), { code: 'TLS' });
  });
});

describe('a redirected call of a phone', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones({ mode: 'network' });
  });
  afterEach(() => phones.close());

  it('is reported with the contact, or follows it when asked', async () => {
    const peer = await RawPeer.open();
    const caller = await phones.phone('1001');
    const callee = await phones.phone('1002');
    const contact = `sip:1002@127.0.0.1:${callee.address?.port}`;
    const target = `sip:moved@127.0.0.1:${peer.port}`;
    const redirect = async (): Promise<void> => {
      const invite = await peer.next('INVITE');
      const moved = { tag: 'm', headers: [`Contact: <${contact}>`] };
      peer.send(response(invite, '302 Moved Temporarily', moved), invite.port);
    };
    const first = await caller.dial({ target });
    await redirect();
    const reported = await first.outcome;
    assert.equal(reported.sip.status, 302);
    assert.match(reported.sip.diagnosis ?? '', new RegExp(contact));
    const incoming = nextCall(callee);
    const second = await caller.dial({ target, followRedirects: true });
    await redirect();
    await (await incoming).answer();
    assert.equal((await second.outcome).kind, 'answered');
    await second.hangup();
    await peer.close();
  });
});

describe('the settings of a phone', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  for (const [what, options, says] of [
    ['a session timer below the minimum', { sessionTimer: 30 }, /sessionTimer.*90/],
    ['callers to be authenticated without a password', { authenticateIncoming: true }, /password/],
    ['a STUN server that is none', { mode: 'network', stunServer: 'a b' }, /STUN server/],
  ] as [string, Partial<PhoneOptions>, RegExp][]) {
    it(`refuse ${what}`, async () => {
      await assert.rejects(phones.create('1', options).start(), { code: 'BAD_CONFIG', message: says });
    });
  }

  it('make callers prove who they are', async () => {
    const account = { authUser: 'team', password: 'secret' };
    const callee = await phones.phone('2000', { ...account, authenticateIncoming: true });
    const friend = await phones.phone('1001', account);
    const stranger = await phones.phone('1002');
    const refused = await (await stranger.dial({ target: '2000' })).outcome;
    assert.ok(refused.kind === 'failed');
    assert.deepEqual([refused.sip.status, refused.failure.code], [401, 'AUTH']);
    const incoming = nextCall(callee);
    const call = await friend.dial({ target: '2000' });
    await (await incoming).answer();
    assert.equal((await call.outcome).kind, 'answered');
    await call.hangup();
  });
});
