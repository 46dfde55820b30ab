import assert from 'node:assert/strict';
import { AuthSession, ClientCredentials } from '../../../lib/sip/auth';
import { parseMessage } from '../../../lib/sip/message/parse-message';
import { SipResponse } from '../../../lib/sip/message/sip-message';

describe('an authentication session', () => {
  const credentials = new ClientCredentials({ user: 'alice', password: 'se"cret' });
  const request = { method: 'INVITE', uri: 'sip:x', body: '' };
  const challenge = (status: number, ...fields: string[]): SipResponse => {
    const result = parseMessage(
      Buffer.from(
        [
          `SIP/2.0 ${status} X`,
          'Via: SIP/2.0/UDP x;branch=z9hG4bK1',
          'From: <sip:a@b>;tag=1',
          'To: <sip:a@b>;tag=2',
          'Call-ID: x',
          'CSeq: 1 INVITE',
          ...fields,
          '',
          '',
        ].join('\r\n'),
      ),
    );
    assert.ok(result.kind === 'message' && result.message instanceof SipResponse);
    return result.message;
  };
  const www = (parameters: string): string => `WWW-Authenticate: Digest ${parameters}`;
  const proxy = (parameters: string): string => `Proxy-Authenticate: Digest ${parameters}`;

  it('takes the strongest algorithm of several challenges of one realm', () => {
    const session = new AuthSession(credentials);
    const lines = ['MD5', 'SHA-256', 'SHA-512-256', 'Made-Up'].map((name) =>
      www(`realm="r",nonce="n",algorithm=${name},qop="auth"`),
    );
    assert.ok(session.challenged(challenge(401, ...lines)));
    const fields = session.fields(request);
    assert.equal(fields.length, 1);
    assert.match(fields[0][1], /algorithm=SHA-512-256/);
  });

  it('answers several realms, a proxy after the server, and keeps the earlier answers', () => {
    const session = new AuthSession(credentials);
    assert.ok(
      session.challenged(challenge(407, proxy('realm="p1",nonce="a"'), proxy('realm="p2",nonce="b"'))),
    );
    assert.deepEqual(
      session.fields(request).map(([name]) => name),
      ['Proxy-Authorization', 'Proxy-Authorization'],
    );
    assert.ok(session.challenged(challenge(401, www('realm="s",nonce="c"'))));
    assert.deepEqual(
      session.fields(request).map(([name, value]) => [name, /realm="(\w+)"/.exec(value)?.[1]]),
      [
        ['Proxy-Authorization', 'p1'],
        ['Proxy-Authorization', 'p2'],
        ['Authorization', 's'],
      ],
    );
  });

  it('gives up when the same realm asks again, unless the nonce was stale', () => {
    const session = new AuthSession(credentials);
    assert.ok(session.challenged(challenge(401, www('realm="r",nonce="1"'))));
    session.fields(request);
    assert.ok(session.challenged(challenge(401, www('realm="r",nonce="2",stale=TRUE'))));
    assert.match(session.fields(request)[0][1], /nonce="2"/);
    // Some servers forget to call an old nonce stale: one new nonce is taken, a second one means no.
    assert.ok(session.challenged(challenge(401, www('realm="r",nonce="3"'))));
    session.fields(request);
    assert.equal(session.challenged(challenge(401, www('realm="r",nonce="4"'))), false);
    assert.match(session.error?.message ?? '', /"r" refused the credentials/);
  });

  it('does not follow a server that calls every nonce stale for ever', () => {
    const session = new AuthSession(credentials);
    let rounds = 0;
    while (session.challenged(challenge(401, www(`realm="r",nonce="${rounds}",stale=true`)))) {
      session.fields(request);
      rounds++;
    }
    assert.equal(rounds, 6);
  });

  it('leaks nothing to a challenge in the wrong field, to Basic, or without credentials', () => {
    const session = new AuthSession(credentials);
    assert.equal(session.challenged(challenge(401, proxy('realm="r",nonce="n"'))), false);
    assert.equal(session.challenged(challenge(401, 'WWW-Authenticate: Basic realm="r"')), false);
    assert.equal(session.challenged(challenge(403, www('realm="r",nonce="n"'))), false);
    assert.deepEqual(session.fields(request), []);
    assert.equal(new AuthSession(undefined).challenged(challenge(401, www('realm="r",nonce="n"'))), false);
  });
});
