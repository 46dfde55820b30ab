import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../common';
import { digestAlgorithm, isAvailable, strengthOf, type DigestAlgorithm } from './algorithms';
import { parseAuthFields } from './auth-fields';
import { digestResponse, secretHash, type QualityOfProtection } from './digest';
import { NonceIssuer } from './nonce';
import { ReplayGuard } from './replay-guard';
import type { AuthRequest } from './types';

export interface IncomingAuthenticatorOptions {
  /** Shown to callers. Quotes, backslashes and control characters are left out, because clients disagree about them. */
  realm: string;
  /** Password of a user, undefined for a user that does not exist. */
  passwordOf(user: string): string | undefined;
  clock: Clock;
  /** Default SHA-256 and MD5; challenges are written strongest first (RFC 8760, 2.3). */
  algorithms?: readonly DigestAlgorithm[];
  /** Also accept and offer `auth-int`. */
  integrity?: boolean;
  /** Milliseconds a nonce may be used; 300,000 when absent. */
  nonceLifetimeMs?: number;
  /** Nonces in use that are remembered against replay; 10,000 when absent. */
  maxNonces?: number;
  /** Seals the nonces; random when absent. */
  secret?: Buffer;
}

/** Why a request was not accepted; for statistics and the trace, never for the peer. */
export type RefusalReason = 'missing' | 'malformed' | 'wrong' | 'stale' | 'replayed';

export type IncomingVerdict =
  | { kind: 'accepted'; user: string }
  | {
      kind: 'challenge';
      /** Answer with this status and one field per entry. */
      status: 401;
      headers: (readonly ['WWW-Authenticate', string])[];
      reason: RefusalReason;
    };

interface Credentials {
  user: string;
  nonce: string;
  algorithm: DigestAlgorithm;
  uri: string;
  response: string;
  qop: QualityOfProtection | undefined;
  nc: string | undefined;
  cnonce: string | undefined;
}

/**
 * Digest authentication as a user agent server (`authenticateIncoming`; RFC 3261, 22.1 and 22.2). Pure
 * but for its memory of used nonces, which is bounded.
 */
export class IncomingAuthenticator {
  readonly #algorithms: DigestAlgorithm[];
  readonly #issuer: NonceIssuer;
  readonly #guard: ReplayGuard;
  readonly #lifetimeMs: number;
  readonly #realm: string;
  readonly #decoy = randomBytes(16).toString('hex');

  /** @throws RangeError when none of the algorithms is available in this build of Node.js */
  constructor(private readonly options: IncomingAuthenticatorOptions) {
    this.#algorithms = [...(options.algorithms ?? (['SHA-256', 'MD5'] as const))]
      .filter(isAvailable)
      .sort((a, b) => strengthOf(b) - strengthOf(a));
    if (this.#algorithms.length === 0) throw new RangeError('no digest algorithm is available');
    this.#lifetimeMs = options.nonceLifetimeMs ?? 300_000;
    // eslint-disable-next-line no-control-regex -- control characters are what this is about
    this.#realm = options.realm.replace(/["\\\u0000-\u001f\u007f]/g, '');
    this.#issuer = new NonceIssuer(this.#realm, options.secret);
    this.#guard = new ReplayGuard(this.#lifetimeMs, options.maxNonces ?? 10_000);
  }

  /** ACK and CANCEL cannot be sent again with credentials, so they are never challenged (RFC 3261, 22.1). */
  static appliesTo(method: string): boolean {
    return method !== 'ACK' && method !== 'CANCEL';
  }

  /**
   * Judges a request.
   *
   * @param authorization the values of its `Authorization` fields; `Proxy-Authorization` is meant for others
   */
  verify(request: AuthRequest, authorization: readonly string[]): IncomingVerdict {
    const candidates = parseAuthFields(authorization).filter(
      ({ scheme, parameters }) => scheme === 'digest' && parameters.get('realm') === this.#realm,
    );
    if (candidates.length === 0) return this.#challenge('missing');
    const credentials = candidates
      .map(({ parameters }) => this.#read(parameters))
      .find((each) => each !== undefined);
    if (!credentials) return this.#challenge('malformed');
    if (!this.#isRight(credentials, request)) return this.#challenge('wrong');

    // From here on the sender is known to have the password: a new nonce is all that it lacks (stale).
    const now = this.options.clock.now();
    const issuedAt = this.#issuer.issuedAt(credentials.nonce);
    if (issuedAt === undefined || now - issuedAt > this.#lifetimeMs) return this.#challenge('stale');
    // Without qop there is no count, so such a nonce serves once.
    const count = credentials.nc === undefined ? 1 : parseInt(credentials.nc, 16);
    if (count < 1 || !this.#guard.use(credentials.nonce, issuedAt, count, now)) {
      return this.#challenge('replayed');
    }
    return { kind: 'accepted', user: credentials.user };
  }

  #read(parameters: Map<string, string>): Credentials | undefined {
    const user = unescape(parameters.get('username'));
    const nonce = parameters.get('nonce');
    const uri = parameters.get('uri');
    const response = parameters.get('response')?.toLowerCase();
    const algorithm = digestAlgorithm(parameters.get('algorithm'));
    if (!user || !nonce || !uri || !response || !algorithm) return undefined;
    if (!this.#algorithms.includes(algorithm)) return undefined;
    const credentials = { user, nonce, uri, response, algorithm };
    const qop = parameters.get('qop')?.toLowerCase();
    const cnonce = parameters.get('cnonce');
    if (qop === undefined) {
      // RFC 2069 clients know MD5 only; clients of other algorithms must use qop.
      return algorithm === 'MD5' ? { ...credentials, qop, nc: undefined, cnonce } : undefined;
    }
    const nc = parameters.get('nc');
    if (qop !== 'auth' && !(qop === 'auth-int' && this.options.integrity)) return undefined;
    if (cnonce === undefined || nc === undefined || !/^[0-9a-f]{1,8}$/i.test(nc)) return undefined;
    return { ...credentials, qop, nc, cnonce };
  }

  #isRight(credentials: Credentials, request: AuthRequest): boolean {
    const { algorithm, user } = credentials;
    const password = this.options.passwordOf(user);
    // A user that does not exist costs the same time as a wrong password.
    const secret = secretHash(algorithm, user, this.#realm, password ?? this.#decoy);
    const expected = Buffer.from(
      digestResponse(secret, { ...credentials, method: request.method, body: request.body }),
    );
    const given = Buffer.from(credentials.response);
    return given.length === expected.length && timingSafeEqual(given, expected) && password !== undefined;
  }

  #challenge(reason: RefusalReason): IncomingVerdict {
    const nonce = this.#issuer.issue(this.options.clock.now());
    const stale = reason === 'stale' || reason === 'replayed' ? ', stale=true' : '';
    const qop = this.options.integrity ? 'auth,auth-int' : 'auth';
    const headers = this.#algorithms.map(
      (algorithm) =>
        [
          'WWW-Authenticate',
          `Digest realm="${this.#realm}", qop="${qop}", nonce="${nonce}"${stale}, algorithm=${algorithm}`,
        ] as const,
    );
    return { kind: 'challenge', status: 401, headers, reason };
  }
}

/** Resolves the quoted pairs that `parseAuthFields` keeps. */
function unescape(text: string | undefined): string | undefined {
  return text?.replace(/\\([^])/g, '$1');
}
