import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { SipflowError } from '../../../lib/common/errors';
import { AuthScope, ClientCredentials, type AuthDecision, type AuthHeader } from '../../../lib/sip/auth';
import { ALWAYS } from '../../../lib/sip/trust';
import { parseAuthFields } from '../../../lib/sip/auth/auth-fields';
import { digestResponse, secretHash } from '../../../lib/sip/auth/digest';
import { digestAlgorithm } from '../../../lib/sip/auth/algorithms';

const USER = 'alice';
const PASSWORD = 's3cret-Pa55';
const INVITE = { method: 'INVITE', uri: 'sip:bob@example.com', body: 'v=0\r\n' };
const credentials = (realm?: string): ClientCredentials =>
  new ClientCredentials({ user: USER, password: PASSWORD, realm });

function www(...values: string[]): { 'WWW-Authenticate': string[] } {
  return { 'WWW-Authenticate': values };
}

function proxy(...values: string[]): { 'Proxy-Authenticate': string[] } {
  return { 'Proxy-Authenticate': values };
}

function retry(decision: AuthDecision): readonly AuthHeader[] {
  assert.equal(decision.kind, 'retry', decision.kind === 'give-up' ? decision.error.message : '');
  return decision.kind === 'retry' ? decision.headers : [];
}

function gaveUp(decision: AuthDecision): SipflowError {
  assert.equal(decision.kind, 'give-up');
  if (decision.kind !== 'give-up') throw new Error('unreachable');
  assert.ok(decision.error instanceof SipflowError);
  assert.equal(decision.error.code, 'AUTH');
  const shown = inspect(decision.error, { depth: 10, showHidden: true });
  for (const secret of [USER, PASSWORD]) assert.ok(!shown.includes(secret), shown);
  return decision.error;
}

function parametersOf(header: AuthHeader): Record<string, string> {
  return Object.fromEntries(parseAuthFields([header[1]])[0].parameters);
}

/** Whether a server that knows the password would accept the header, by its own words. */
function isRight(header: AuthHeader, request = INVITE): boolean {
  const given = parametersOf(header);
  const algorithm = digestAlgorithm(given.algorithm) ?? assert.fail();
  return (
    given.response ===
    digestResponse(secretHash(algorithm, USER, given.realm, PASSWORD), {
      algorithm,
      nonce: given.nonce,
      method: request.method,
      uri: given.uri,
      qop: given.qop as 'auth' | undefined,
      nc: given.nc,
      cnonce: given.cnonce,
      body: request.body,
    })
  );
}

describe('digest client', () => {
  it('writes an answer byte for byte as RFC 7616 has it', () => {
    const scope = new AuthScope(
      new ClientCredentials({ user: 'Mufasa', password: 'Circle of Life' }),
      () => 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    );
    const challenge = (algorithm: string): string =>
      'Digest realm="http-auth@example.org", qop="auth, auth-int", ' +
      `algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ` +
      'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
    const [header] = retry(
      scope
        .begin({ method: 'GET', uri: '/dir/index.html' }, ALWAYS)
        .challenged(401, www(challenge('MD5'), challenge('SHA-256'))),
    );
    assert.deepEqual(header, [
      'Authorization',
      'Digest username="Mufasa", realm="http-auth@example.org", ' +
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", ' +
        'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", algorithm=SHA-256, ' +
        'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", ' +
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", qop=auth, nc=00000001',
    ]);
  });

  it('sends nothing unasked at first', () => {
    assert.deepEqual(new AuthScope(credentials()).begin(INVITE, ALWAYS).headers, []);
  });

  it('answers 401 in Authorization and 407 in Proxy-Authorization', () => {
    const challenge = 'Digest realm="r", nonce="n", qop="auth"';
    const [first] = retry(new AuthScope(credentials()).begin(INVITE, ALWAYS).challenged(401, www(challenge)));
    const [second] = retry(
      new AuthScope(credentials()).begin(INVITE, ALWAYS).challenged(407, proxy(challenge)),
    );
    assert.equal(first[0], 'Authorization');
    assert.equal(second[0], 'Proxy-Authorization');
    assert.ok(isRight(first) && isRight(second));
  });

  it('never answers a challenge that came in the wrong place', () => {
    const challenge = 'Digest realm="r", nonce="n"';
    assert.match(
      gaveUp(new AuthScope(credentials()).begin(INVITE, ALWAYS).challenged(401, proxy(challenge))).message,
      /401 without a usable WWW-Authenticate/,
    );
    gaveUp(new AuthScope(credentials()).begin(INVITE, ALWAYS).challenged(407, www(challenge)));
    gaveUp(new AuthScope(credentials()).begin(INVITE, ALWAYS).challenged(401, {}));
    assert.throws(
      () => new AuthScope(credentials()).begin(INVITE, ALWAYS).challenged(403, www(challenge)),
      TypeError,
    );
  });

  it('answers both kinds when a forking proxy put them together, and several realms', () => {
    const headers = retry(
      new AuthScope(credentials()).begin(INVITE, ALWAYS).challenged(407, {
        ...proxy('Digest realm="p1", nonce="a"', 'Digest realm="p2", nonce="b"'),
        ...www('Digest realm="u", nonce="c"'),
      }),
    );
    assert.deepEqual(
      headers.map((header) => [header[0], parametersOf(header).realm]),
      [
        ['Authorization', 'u'],
        ['Proxy-Authorization', 'p1'],
        ['Proxy-Authorization', 'p2'],
      ],
    );
    assert.ok(headers.every((header) => isRight(header)));
  });

  it('407 then 401: the second retry carries both, the proxy one with the next count', () => {
    const exchange = new AuthScope(credentials()).begin(INVITE, ALWAYS);
    retry(exchange.challenged(407, proxy('Digest realm="p", nonce="a", qop="auth"')));
    const headers = retry(exchange.challenged(401, www('Digest realm="u", nonce="b", qop="auth"')));
    assert.deepEqual(
      headers.map((header) => [header[0], parametersOf(header).nc]),
      [
        ['Proxy-Authorization', '00000002'],
        ['Authorization', '00000001'],
      ],
    );
    assert.deepEqual(exchange.headers, headers);
  });

  it('writes algorithm, qop, nc, cnonce and opaque only when the challenge had them', () => {
    const answer = (challenge: string): Record<string, string> =>
      parametersOf(
        retry(new AuthScope(credentials()).begin(INVITE, ALWAYS).challenged(401, www(challenge)))[0],
      );
    assert.deepEqual(Object.keys(answer('Digest realm="r", nonce="n"')), [
      'username',
      'realm',
      'nonce',
      'uri',
      'response',
    ]);
    const session = answer('Digest realm="r", nonce="n", algorithm=md5-SESS');
    assert.equal(session.algorithm, 'MD5-sess');
    assert.ok(session.cnonce);
    assert.equal(answer('Digest realm="r", nonce="n", opaque=""').opaque, '');
  });

  it('hashes the body for auth-int, also when there is none', () => {
    const challenge = www('Digest realm="r", nonce="n", qop="auth-int", algorithm=SHA-256');
    assert.ok(
      isRight(retry(new AuthScope(credentials()).begin(INVITE, ALWAYS).challenged(401, challenge))[0]),
    );
    const bye = { method: 'BYE', uri: INVITE.uri, body: '' };
    const [header] = retry(
      new AuthScope(credentials())
        .begin({ method: 'BYE', uri: INVITE.uri }, ALWAYS)
        .challenged(401, challenge),
    );
    assert.ok(isRight(header, bye));
  });

  it('quotes in the user, backslashes in the realm and UTF-8 pass unharmed', () => {
    const scope = new AuthScope(new ClientCredentials({ user: 'a"b\\ü', password: PASSWORD }));
    const [header] = retry(
      scope.begin(INVITE, ALWAYS).challenged(401, www('Digest realm="x\\"y", nonce="n"')),
    );
    assert.match(header[1], /^Digest username="a\\"b\\\\ü", realm="x\\"y", nonce="n"/);
  });

  it('refuses a user with a line break before it can reach a header', () => {
    assert.throws(
      () => new ClientCredentials({ user: 'a\r\nVia: x', password: 'p' }),
      (error: unknown) => error instanceof SipflowError && error.code === 'BAD_CONFIG',
    );
  });

  it('shows no secret when it is inspected or serialised', () => {
    const secret = credentials();
    const scope = new AuthScope(secret);
    const exchange = scope.begin(INVITE, ALWAYS);
    retry(exchange.challenged(401, www('Digest realm="r", nonce="n"')));
    for (const object of [secret, scope, exchange]) {
      assert.ok(!inspect(object, { depth: 10, showHidden: true }).includes(PASSWORD));
      assert.ok(!JSON.stringify(object).includes(PASSWORD));
    }
  });
});

describe('digest client: when to give up', () => {
  it('a wrong password: the same nonce comes back and is not stale', () => {
    const exchange = new AuthScope(credentials()).begin(INVITE, ALWAYS);
    retry(exchange.challenged(401, www('Digest realm="r", nonce="n"')));
    assert.match(
      gaveUp(exchange.challenged(401, www('Digest realm="r", nonce="n"'))).message,
      /"r" refused the credentials: check/,
    );
  });

  it('a wrong password at a server with a new nonce each time: after one more try', () => {
    const exchange = new AuthScope(credentials()).begin(INVITE, ALWAYS);
    retry(exchange.challenged(401, www('Digest realm="r", nonce="n1"')));
    retry(exchange.challenged(401, www('Digest realm="r", nonce="n2"')));
    gaveUp(exchange.challenged(401, www('Digest realm="r", nonce="n3"')));
  });

  it('stale=true is no refusal, with a new nonce or the old one', () => {
    const exchange = new AuthScope(credentials()).begin(INVITE, ALWAYS);
    retry(exchange.challenged(401, www('Digest realm="r", nonce="n1", qop="auth"')));
    const [renewed] = retry(
      exchange.challenged(401, www('Digest realm="r", nonce="n2", qop="auth", stale=TRUE')),
    );
    assert.equal(parametersOf(renewed).nonce, 'n2');
    assert.equal(parametersOf(renewed).nc, '00000001');
    const [again] = retry(
      exchange.challenged(401, www('Digest realm="r", nonce="n2", qop="auth", stale="true"')),
    );
    assert.equal(parametersOf(again).nc, '00000002');
  });

  it('but not for ever', () => {
    const exchange = new AuthScope(credentials()).begin(INVITE, ALWAYS);
    let rounds = 0;
    for (;;) {
      rounds += 1;
      const decision = exchange.challenged(401, www(`Digest realm="r", nonce="n${rounds}", stale=true`));
      if (decision.kind === 'give-up') {
        assert.match(gaveUp(decision).message, /more than 6 times/);
        break;
      }
    }
    assert.equal(rounds, 7);
  });

  it('a peer that invents a new realm in every answer', () => {
    const exchange = new AuthScope(credentials()).begin(INVITE, ALWAYS);
    const kinds = Array.from(
      { length: 8 },
      (_, index) => exchange.challenged(401, www(`Digest realm="r${index}", nonce="n"`)).kind,
    );
    assert.deepEqual(kinds.slice(5), ['retry', 'give-up', 'give-up']);
  });

  it('no algorithm, no qop, no scheme that it has: names what was asked', () => {
    const begin = (): ReturnType<AuthScope['begin']> => new AuthScope(credentials()).begin(INVITE, ALWAYS);
    assert.match(
      gaveUp(begin().challenged(401, www('Digest realm="r", nonce="n", algorithm=SHA3-256'))).message,
      /"r" asks for SHA3-256; SIPFLOW supports SHA-512-256/,
    );
    assert.match(
      gaveUp(begin().challenged(407, proxy('Negotiate', 'Basic realm="x"'))).message,
      /asks for negotiate, basic/,
    );
    assert.match(gaveUp(begin().challenged(401, www('"""'))).message, /Digest/);
  });

  it('answers what it can when another realm asks for the impossible', () => {
    const headers = retry(
      new AuthScope(credentials())
        .begin(INVITE, ALWAYS)
        .challenged(407, proxy('Digest realm="a", nonce="n", algorithm=X', 'Digest realm="b", nonce="n"')),
    );
    assert.deepEqual(
      headers.map((header) => parametersOf(header).realm),
      ['b'],
    );
  });

  it('no credentials: says where to enter them', () => {
    const scope = new AuthScope(undefined);
    assert.match(
      gaveUp(scope.begin(INVITE, ALWAYS).challenged(401, www('Digest realm="pbx", nonce="n"'))).message,
      /for the realm "pbx": enter user name and password/,
    );
  });

  it('credentials of one realm are not shown to another', () => {
    const scope = new AuthScope(credentials('mine'));
    gaveUp(scope.begin(INVITE, ALWAYS).challenged(401, www('Digest realm="other", nonce="n"')));
    retry(scope.begin(INVITE, ALWAYS).challenged(401, www('Digest realm="mine", nonce="n"')));
  });

  it('realms in messages are short and printable', () => {
    const { message } = gaveUp(
      new AuthScope(undefined)
        .begin(INVITE, ALWAYS)
        .challenged(401, www(`Digest realm="\u202e${'x'.repeat(500)}", nonce="n"`)),
    );
    assert.ok(message.length < 300);
  });
});

describe('digest client: later requests', () => {
  it('a request of the same scope carries its credentials at once, with the next count and the same cnonce', () => {
    const scope = new AuthScope(credentials());
    const invite = scope.begin(INVITE, ALWAYS);
    const [first] = retry(invite.challenged(407, proxy('Digest realm="p", nonce="n", qop="auth"')));
    const bye = scope.begin({ method: 'BYE', uri: 'sip:bob@192.0.2.1', body: '' }, ALWAYS);
    assert.equal(bye.headers.length, 1);
    const [second] = bye.headers;
    assert.ok(isRight(second, { method: 'BYE', uri: 'sip:bob@192.0.2.1', body: '' }));
    assert.equal(parametersOf(second).nc, '00000002');
    assert.equal(parametersOf(second).cnonce, parametersOf(first).cnonce);
  });

  it('another scope sends nothing unasked, and still counts a shared nonce up', () => {
    const shared = credentials();
    const challenge = www('Digest realm="r", nonce="same", qop="auth"');
    const counts = [1, 2, 3].map(() => {
      const exchange = new AuthScope(shared).begin(INVITE, ALWAYS);
      assert.deepEqual(exchange.headers, []);
      return parametersOf(retry(exchange.challenged(401, challenge))[0]).nc;
    });
    assert.deepEqual(counts, ['00000001', '00000002', '00000003']);
  });

  it('an unasked answer that is refused is no wrong password, even without stale', () => {
    const scope = new AuthScope(credentials());
    retry(scope.begin(INVITE, ALWAYS).challenged(401, www('Digest realm="r", nonce="old"')));
    const later = scope.begin(INVITE, ALWAYS);
    assert.equal(later.headers.length, 1);
    const [header] = retry(later.challenged(401, www('Digest realm="r", nonce="new"')));
    assert.equal(parametersOf(header).nonce, 'new');
    assert.equal(parametersOf(scope.begin(INVITE, ALWAYS).headers[0]).nonce, 'new');
  });

  it('an unasked proxy answer stays when the server then asks too', () => {
    const scope = new AuthScope(credentials());
    retry(scope.begin(INVITE, ALWAYS).challenged(407, proxy('Digest realm="p", nonce="a"')));
    const headers = retry(scope.begin(INVITE, ALWAYS).challenged(401, www('Digest realm="u", nonce="b"')));
    assert.deepEqual(
      headers.map((header) => header[0]),
      ['Proxy-Authorization', 'Authorization'],
    );
  });

  it('forgets a realm that refused it', () => {
    const scope = new AuthScope(credentials());
    const exchange = scope.begin(INVITE, ALWAYS);
    retry(exchange.challenged(401, www('Digest realm="r", nonce="n"')));
    gaveUp(exchange.challenged(401, www('Digest realm="r", nonce="n"')));
    assert.deepEqual(scope.begin(INVITE, ALWAYS).headers, []);
  });

  it('takes nextnonce from Authentication-Info, and counts it from 1', () => {
    const scope = new AuthScope(credentials());
    const exchange = scope.begin(INVITE, ALWAYS);
    retry(exchange.challenged(401, www('Digest realm="r", nonce="n1", qop="auth"')));
    exchange.succeeded({ 'Authentication-Info': ['qop=auth, rspauth="x", nextnonce="n2", nc=00000001'] });
    const next = parametersOf(scope.begin(INVITE, ALWAYS).headers[0]);
    assert.equal(next.nonce, 'n2');
    assert.equal(next.nc, '00000001');
    exchange.succeeded({ 'Proxy-Authentication-Info': ['nextnonce="n3"'] });
    assert.equal(parametersOf(scope.begin(INVITE, ALWAYS).headers[0]).nonce, 'n2');
  });

  it('remembers a bounded number of realms', () => {
    const scope = new AuthScope(credentials());
    for (let realm = 0; realm < 100; realm++) {
      scope.begin(INVITE, ALWAYS).challenged(401, www(`Digest realm="r${realm}", nonce="n"`));
    }
    assert.equal(scope.begin(INVITE, ALWAYS).headers.length, 8);
  });
});
