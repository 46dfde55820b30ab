import assert from 'node:assert/strict';
import { once as eventOf } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { TlsOptions } from '../../../lib/sip/index';
import { ANSWER, answered, Bench, failed, nextInvite, OFFER, once, uriOf } from './support/endpoints';

const pem = (name: string): string =>
  readFileSync(join(__dirname, 'support', 'tls', `test-only-${name}.pem`), 'utf8');

/** The certificate is for sip.test, localhost and 127.0.0.1; it signs itself. */
const OWN: TlsOptions = { key: pem('key'), cert: pem('cert') };
const TRUSTING: TlsOptions = { ...OWN, ca: pem('cert') };

describe('calls over TLS', () => {
  const bench = new Bench();
  afterEach(() => bench.close());
  const open = (user: string, tls: TlsOptions): ReturnType<Bench['endpoint']> =>
    bench.endpoint(user, { transport: 'tls', tls });

  it('are set up and ended in both directions', async () => {
    const [alice, bob] = [await open('alice', TRUSTING), await open('bob', TRUSTING)];
    const incoming = nextInvite(bob);
    const outcome = answered(alice.invite({ target: uriOf(bob), body: OFFER }));
    const invite = await incoming;
    assert.match(invite.request.headers.Via[0], /^SIP\/2\.0\/TLS /);
    assert.match(invite.request.headers.Contact[0], /;transport=tls>$/);
    const { dialog: far, acknowledged } = invite.accept({ body: ANSWER });
    const { dialog: near } = await outcome;
    await acknowledged;
    const bye = once(near, 'bye');
    await far.bye();
    await bye;
  });

  it('are refused when nobody trusted has signed the certificate, with a sentence that says what to do', async () => {
    const [alice, bob] = [await open('alice', OWN), await open('bob', OWN)];
    const { response, origin } = await failed(alice.invite({ target: uriOf(bob), body: OFFER }));
    assert.deepEqual([response.status, response.fault, origin], [503, 'TLS', 'transport']);
    assert.match(response.diagnosis ?? '', /signed.*add its CA/);
  });

  it('are made without verification only when that is asked for', async () => {
    const [alice, bob] = [await open('alice', { rejectUnauthorized: false }), await open('bob', OWN)];
    bob.on('invite', (invite) => invite.reject({ status: 486 }));
    assert.equal((await failed(alice.invite({ target: uriOf(bob), body: OFFER }))).response.status, 486);
  });

  it('go to sips: URIs, and are not disturbed by a client that speaks no TLS', async () => {
    const [alice, bob] = [await open('alice', TRUSTING), await open('bob', TRUSTING)];
    const stranger = connect(bob.localAddress.port, '127.0.0.1');
    stranger.on('error', () => undefined);
    const gone = eventOf(stranger, 'close');
    stranger.write('OPTIONS sip:x SIP/2.0\r\n\r\n');
    await gone;
    bob.on('invite', (invite) => {
      assert.match(invite.request.headers.Contact[0], /^<sips:alice@127\.0\.0\.1:\d+>$/);
      invite.reject({ status: 486 });
    });
    const target = `sips:bob@127.0.0.1:${bob.localAddress.port}`;
    assert.equal((await failed(alice.invite({ target, body: OFFER }))).response.status, 486);
  });

  it('reach a listener that asks for certificates only with one that it trusts', async () => {
    const bob = await open('bob', { ...TRUSTING, requireClientCertificate: true });
    bob.on('invite', (invite) => invite.reject({ status: 486 }));
    const alice = await open('alice', TRUSTING);
    assert.equal((await failed(alice.invite({ target: uriOf(bob), body: OFFER }))).response.status, 486);
    const anonymous = await open('anonymous', { ca: pem('cert') });
    const { response, origin } = await failed(anonymous.invite({ target: uriOf(bob), body: OFFER }));
    assert.deepEqual([response.status, origin], [503, 'transport']);
    assert.match(response.diagnosis ?? '', /requires a client certificate/);
  });

  it('say what is wrong with a key that is none', async () => {
    await assert.rejects(open('alice', { key: 'x', cert: 'y' }), { code: 'TLS' });
  });
});
