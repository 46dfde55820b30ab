import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { AuthSession } from '../../../lib/sip/auth/auth-session';
import { parseChallenge } from '../../../lib/sip/auth/challenge';
import { digestResponse } from '../../../lib/sip/auth/digest';
import { parseParameterList } from '../../../lib/sip/message/header-values';
import { parseMessage } from '../../../lib/sip/message/parse-message';
import { SipResponse } from '../../../lib/sip/message/sip-message';

const GET = { method: 'GET', uri: '/dir/index.html', body: '' };

describe('digest responses', () => {
  it('agrees with the example of RFC 2617, 3.5', () => {
    const challenge = parseChallenge(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
    assert.ok(challenge);
    const credentials = { user: 'Mufasa', password: 'Circle Of Life' };
    const value = digestResponse(challenge, credentials, GET, 1, '0a4f113b');
    assert.match(value, /response="6629fae49393a05397450978507c4ef1"/);
    assert.match(value, /opaque="5ccc069c403ebaf9f0171e9517f40e41"/);
    assert.match(value, /qop=auth, nc=00000001/);
  });

  const RFC_7616 = {
    MD5: '8ca523f5e9506fed4657c9700eebdbec',
    'SHA-256': '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  };
  for (const [algorithm, expected] of Object.entries(RFC_7616)) {
    it(`agrees with the example of RFC 7616, 3.9.1, for ${algorithm}`, () => {
      const challenge = parseChallenge(
        `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
      );
      assert.ok(challenge);
      const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
      const value = digestResponse(challenge, { user: 'Mufasa', password: 'Circle of Life' }, GET, 1, cnonce);
      assert.ok(value.includes(`response="${expected}"`), value);
    });
  }

  it('computes SHA-512-256, -sess, auth-int and the response of RFC 2069 from their definitions', () => {
    const credentials = { user: 'u', password: 'p' };
    const invite = { method: 'INVITE', uri: 'sip:x', body: 'v=0' };
    const responseTo = (parameters: string): string | null | undefined => {
      const challenge = parseChallenge(`Digest realm="r",nonce="n",${parameters}`);
      assert.ok(challenge, parameters);
      const value = digestResponse(challenge, credentials, invite, 2, 'c');
      return parseParameterList(value.slice(7), ',').get('response');
    };
    const hash = (name: string, text: string): string => createHash(name).update(text).digest('hex');
    const h512 = (text: string): string => hash('sha512-256', text);
    const md5 = (text: string): string => hash('md5', text);
    assert.equal(
      responseTo('algorithm=SHA-512-256,qop="auth"'),
      h512(`${h512('u:r:p')}:n:00000002:c:auth:${h512('INVITE:sip:x')}`),
    );
    assert.equal(
      responseTo('algorithm=md5-SESS,qop="auth-int"'),
      md5(`${md5(`${md5('u:r:p')}:n:c`)}:n:00000002:c:auth-int:${md5(`INVITE:sip:x:${md5('v=0')}`)}`),
    );
    assert.equal(responseTo('stale=false'), md5(`${md5('u:r:p')}:n:${md5('INVITE:sip:x')}`));
  });

  it('reads no challenge that it cannot or must not answer', () => {
    for (const value of [
      'Basic realm="x"',
      'Digest realm="x"',
      'Digest nonce="x"',
      'Digest realm="x", nonce="y", algorithm=AKAv1-MD5',
      'Digest realm="x", nonce="y", qop="auth-conf"',
      '',
    ]) {
      assert.equal(parseChallenge(value), undefined, value);
    }
  });
});

describe('an authentication session', () => {
  const credentials = { user: 'alice', password: 'se"cret' };
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
    assert.equal(session.challenged(challenge(401, www('realm="r",nonce="3"'))), false);
  });

  it('does not follow a server that calls every nonce stale for ever', () => {
    const session = new AuthSession(credentials);
    let rounds = 0;
    while (session.challenged(challenge(401, www(`realm="r",nonce="${rounds}",stale=true`)))) {
      session.fields(request);
      rounds++;
    }
    assert.equal(rounds, 5);
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
