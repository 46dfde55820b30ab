import { SipflowError } from '../../common';
import type { DigestAlgorithm } from './algorithms';
import { secretHash } from './digest';

const REMEMBERED_NONCES = 1_000;

export interface ClientCredentialsOptions {
  user: string;
  password: string;
  /** Answer challenges of this realm only; any realm when absent. */
  realm?: string;
}

/**
 * A user's secret and the nonce counts that go with it, shared by every request of an endpoint: a
 * server that gives the same nonce to two calls must never see the same count twice. The secret
 * leaves this object as digests only, and no inspection or serialisation shows it.
 */
export class ClientCredentials {
  readonly user: string;
  readonly realm: string | undefined;
  readonly #password: string;
  readonly #counts = new Map<string, number>();

  /** @throws SipflowError BAD_CONFIG when the user contains control characters, which no header field can carry */
  constructor(options: ClientCredentialsOptions) {
    // eslint-disable-next-line no-control-regex -- control characters are what this is about
    if (/[\u0000-\u001f\u007f]/.test(options.user)) {
      throw new SipflowError(
        'BAD_CONFIG',
        'The authentication user contains a line break or another control character: remove it.',
      );
    }
    this.user = options.user;
    this.realm = options.realm;
    this.#password = options.password;
  }

  /** H(user:realm:password) as lower-case hex. */
  secretFor(algorithm: DigestAlgorithm, realm: string): string {
    return secretHash(algorithm, this.user, realm, this.#password);
  }

  /** The next `nc` for a nonce: eight hex digits, 00000001 for a new one. The latest 1,000 nonces are remembered. */
  nextCount(nonce: string): string {
    const count = (this.#counts.get(nonce) ?? 0) + 1;
    this.#counts.delete(nonce);
    this.#counts.set(nonce, count);
    if (this.#counts.size > REMEMBERED_NONCES) {
      for (const oldest of this.#counts.keys()) {
        this.#counts.delete(oldest);
        break;
      }
    }
    return count.toString(16).padStart(8, '0');
  }
}
