import assert from 'node:assert/strict';
import {
  AuthScope,
  ClientCredentials,
  IncomingAuthenticator,
  type DigestAlgorithm,
  type IncomingAuthenticatorOptions,
  type IncomingVerdict,
} from '../../../lib/sip/auth';
import { NonceIssuer } from '../../../lib/sip/auth/nonce';
import { ReplayGuard } from '../../../lib/sip/auth/replay-guard';
import { ALWAYS } from '../../../lib/sip/trust';
import { ManualClock } from '../../support/manual-clock';

const INVITE = { method: 'INVITE', uri: 'sip:100@pbx.example', body: 'v=0\r\n' };

function server(
  clock: ManualClock,
  extra: Partial<IncomingAuthenticatorOptions> = {},
): IncomingAuthenticator {
  return new IncomingAuthenticator({
    realm: 'sipflow',
    passwordOf: (user) => (user === 'alice' ? 'right' : undefined),
    clock,
    ...extra,
  });
}

function scopeOf(user = 'alice', password = 'right'): AuthScope {
  return new AuthScope(new ClientCredentials({ user, password }));
}

function challenges(verdict: IncomingVerdict): string[] {
  assert.equal(verdict.kind, 'challenge');
  return verdict.kind === 'challenge' ? verdict.headers.map(([, value]) => value) : [];
}

function reason(verdict: IncomingVerdict): string {
  return verdict.kind === 'accepted' ? `accepted ${verdict.user}` : verdict.reason;
}

/** Asks without credentials, lets the client answer, and gives back what it would send. */
function answerOf(authenticator: IncomingAuthenticator, scope = scopeOf(), request = INVITE): string {
  const exchange = scope.begin(request, ALWAYS);
  const decision = exchange.challenged(401, {
    'WWW-Authenticate': challenges(authenticator.verify(request, [])),
  });
  assert.equal(decision.kind, 'retry');
  return exchange.headers[0][1];
}

describe('digest server', () => {
  it('challenges with SHA-256 before MD5, one field each, with one fresh nonce', () => {
    const authenticator = server(new ManualClock());
    const first = challenges(authenticator.verify(INVITE, []));
    assert.equal(first.length, 2);
    assert.match(first[0], /^Digest realm="sipflow", qop="auth", nonce="[\w-]{38}", algorithm=SHA-256$/);
    assert.match(first[1], /algorithm=MD5$/);
    const nonce = /nonce="([^"]+)"/.exec(first[0])?.[1] ?? '';
    assert.ok(first[1].includes(nonce));
    assert.ok(!challenges(authenticator.verify(INVITE, []))[0].includes(nonce));
  });

  for (const algorithm of [
    'SHA-512-256',
    'SHA-256',
    'SHA-256-sess',
    'MD5',
    'MD5-sess',
  ] as DigestAlgorithm[]) {
    for (const integrity of [false, true]) {
      it(`accepts a right ${algorithm} answer${integrity ? ' with auth-int offered' : ''}`, () => {
        const authenticator = server(new ManualClock(), { algorithms: [algorithm], integrity });
        assert.equal(reason(authenticator.verify(INVITE, [answerOf(authenticator)])), 'accepted alice');
      });
    }
  }

  it('refuses a wrong password, an unknown user, another method and another body, each as a plain challenge', () => {
    const authenticator = server(new ManualClock());
    const wrong = authenticator.verify(INVITE, [answerOf(authenticator, scopeOf('alice', 'wrong'))]);
    assert.equal(reason(wrong), 'wrong');
    assert.ok(!challenges(wrong)[0].includes('stale'));
    assert.equal(
      reason(authenticator.verify(INVITE, [answerOf(authenticator, scopeOf('mallory'))])),
      'wrong',
    );
    assert.equal(
      reason(authenticator.verify({ ...INVITE, method: 'BYE' }, [answerOf(authenticator)])),
      'wrong',
    );
  });

  it('with auth-int the body counts', () => {
    const authenticator = server(new ManualClock(), { integrity: true });
    const scope = scopeOf();
    const exchange = scope.begin(INVITE, ALWAYS);
    exchange.challenged(401, {
      'WWW-Authenticate': challenges(authenticator.verify(INVITE, [])).map((value) =>
        value.replace('auth,auth-int', 'auth-int'),
      ),
    });
    const sent = [exchange.headers[0][1]];
    assert.equal(reason(authenticator.verify({ ...INVITE, body: 'v=1\r\n' }, sent)), 'wrong');
    assert.equal(reason(authenticator.verify(INVITE, sent)), 'accepted alice');
  });

  it('refuses the same Authorization twice, and tells the client to take a new nonce', () => {
    const authenticator = server(new ManualClock());
    const sent = answerOf(authenticator);
    assert.equal(reason(authenticator.verify(INVITE, [sent])), 'accepted alice');
    const replay = authenticator.verify(INVITE, [sent]);
    assert.equal(reason(replay), 'replayed');
    assert.match(challenges(replay)[0], /stale=true/);
  });

  it('takes later requests on one nonce while the counts differ, in any near order', () => {
    const authenticator = server(new ManualClock());
    const scope = scopeOf();
    const first = answerOf(authenticator, scope);
    const later = [1, 2, 3].map(() => scope.begin(INVITE, ALWAYS).headers[0][1]);
    for (const sent of [later[2], first, later[0], later[1]]) {
      assert.equal(reason(authenticator.verify(INVITE, [sent])), 'accepted alice');
    }
    assert.equal(reason(authenticator.verify(INVITE, [later[0]])), 'replayed');
  });

  it('an old nonce with a right digest is stale, with a wrong digest just wrong', () => {
    const clock = new ManualClock();
    const authenticator = server(clock, { nonceLifetimeMs: 60_000 });
    const right = answerOf(authenticator);
    const wrong = answerOf(authenticator, scopeOf('alice', 'x'));
    clock.advance(60_001);
    assert.equal(reason(authenticator.verify(INVITE, [right])), 'stale');
    assert.equal(reason(authenticator.verify(INVITE, [wrong])), 'wrong');
  });

  it('a nonce of another process, or one that was changed, is stale and not accepted', () => {
    const clock = new ManualClock();
    assert.equal(reason(server(clock).verify(INVITE, [answerOf(server(clock))])), 'stale');
    const sameSecret = Buffer.alloc(32, 1);
    const one = server(clock, { secret: sameSecret });
    assert.equal(
      reason(server(clock, { secret: sameSecret }).verify(INVITE, [answerOf(one)])),
      'accepted alice',
    );
  });

  it('without qop (RFC 2069) MD5 is accepted once per nonce, SHA-256 never', () => {
    const authenticator = server(new ManualClock());
    const old = (algorithm: string): string => {
      const exchange = scopeOf().begin(INVITE, ALWAYS);
      exchange.challenged(401, {
        'WWW-Authenticate': challenges(authenticator.verify(INVITE, []))
          .filter((value) => value.includes(algorithm))
          .map((value) => value.replace('qop="auth", ', '')),
      });
      return exchange.headers[0][1];
    };
    const md5 = old('MD5');
    assert.equal(reason(authenticator.verify(INVITE, [md5])), 'accepted alice');
    assert.equal(reason(authenticator.verify(INVITE, [md5])), 'replayed');
    assert.equal(reason(authenticator.verify(INVITE, [old('SHA-256')])), 'malformed');
  });

  it('ignores other schemes and realms, and challenges what it cannot read', () => {
    const authenticator = server(new ManualClock());
    const sent = answerOf(authenticator);
    const verdictOf = (...values: string[]): string => reason(authenticator.verify(INVITE, values));
    assert.equal(verdictOf('Basic YWxpY2U6cmlnaHQ=', 'NoOneKnowsThisScheme opaque-data=here'), 'missing');
    assert.equal(verdictOf(sent.replace('realm="sipflow"', 'realm="x"')), 'missing');
    assert.equal(verdictOf(sent.replace(/response="\w+"/, 'x=1')), 'malformed');
    assert.equal(verdictOf(sent.replace('nc=00000001', 'nc=zz')), 'malformed');
    assert.equal(verdictOf(sent.replace('qop=auth', 'qop=weird')), 'malformed');
    assert.equal(verdictOf(sent.replace('algorithm=SHA-256', 'algorithm=SHA-512-256')), 'malformed');
    assert.equal(verdictOf(sent.replace(/response="\w+"/, 'response="\u00fc"')), 'wrong');
    assert.equal(verdictOf(sent.replace('nc=00000001', 'nc=00000000')), 'wrong');
    assert.equal(verdictOf('Digest realm="other"', sent), 'accepted alice');
  });

  it('knows that ACK and CANCEL cannot be challenged', () => {
    assert.deepEqual(
      ['INVITE', 'BYE', 'REGISTER', 'ACK', 'CANCEL'].map((method) => IncomingAuthenticator.appliesTo(method)),
      [true, true, true, false, false],
    );
  });
});

describe('nonces', () => {
  it('carry their time of issue, and no forged or re-spelt one is ours', () => {
    const issuer = new NonceIssuer('r');
    const nonce = issuer.issue(123_456);
    assert.equal(issuer.issuedAt(nonce), 123_456);
    assert.equal(new NonceIssuer('r').issuedAt(nonce), undefined);
    for (const other of [
      `${nonce}=`,
      ` ${nonce}`,
      nonce.slice(1),
      '',
      'x'.repeat(100_000),
      `A${nonce.slice(1)}x`,
    ]) {
      assert.equal(issuer.issuedAt(other), undefined);
    }
    const bytes = Buffer.from(nonce, 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const forged = Buffer.from(bytes);
      forged[index] ^= 1;
      assert.equal(issuer.issuedAt(forged.toString('base64url')), undefined);
    }
  });
});

describe('replay guard', () => {
  it('accepts each count of the window once, and none from before it', () => {
    const guard = new ReplayGuard(1_000, 10);
    assert.ok(guard.use('n', 0, 40, 0));
    for (let count = 9; count < 40; count++) assert.ok(guard.use('n', 0, count, 0), String(count));
    for (let count = 1; count <= 40; count++) assert.ok(!guard.use('n', 0, count, 0), String(count));
    assert.ok(guard.use('n', 0, 1_000_000, 0));
    assert.ok(!guard.use('n', 0, 40, 0));
    assert.ok(guard.use('n', 0, 0xffff_ffff, 0));
  });

  it('is bounded, and what it forgets cannot be used again', () => {
    const guard = new ReplayGuard(1_000_000, 100);
    for (let nonce = 0; nonce < 1_000; nonce++) assert.ok(guard.use(`n${nonce}`, nonce, 1, nonce));
    assert.equal(guard.size, 100);
    assert.ok(!guard.use('n0', 0, 1, 1_000));
    assert.ok(!guard.use('n0', 0, 2, 1_000));
    assert.ok(guard.use('n999', 999, 2, 1_000));
  });

  it('drops expired nonces without forgetting others', () => {
    const guard = new ReplayGuard(1_000, 100);
    guard.use('old', 0, 1, 0);
    guard.use('new', 5_000, 1, 5_000);
    assert.equal(guard.size, 1);
    assert.ok(guard.use('other', 4_500, 1, 5_000));
  });
});
