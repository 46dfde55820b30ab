import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const TIME_BYTES = 6;
const RANDOM_BYTES = 6;
const MAC_BYTES = 16;
const NONCE_BYTES = TIME_BYTES + RANDOM_BYTES + MAC_BYTES;

/**
 * Issues nonces that need no memory to be recognised: time of issue and random bytes, sealed by an HMAC
 * (RFC 7616, 5.4, advises such a construction). A flood of unauthenticated requests so costs us nothing
 * that stays.
 *
 * ```
 * | issued, ms (6) | random (6) | HMAC-SHA-256(secret, realm, the 12 before), cut to 16 |   base64url
 * ```
 */
export class NonceIssuer {
  readonly #secret: Buffer;

  /** @param secret at least 16 bytes; random when absent, and then nonces end with the process */
  constructor(
    private readonly realm: string,
    secret: Buffer = randomBytes(32),
  ) {
    if (secret.length < 16) throw new RangeError('the secret of a nonce issuer needs 16 bytes or more');
    this.#secret = secret;
  }

  /** @param now milliseconds of a monotonic clock */
  issue(now: number): string {
    const head = Buffer.alloc(TIME_BYTES + RANDOM_BYTES);
    head.writeUIntBE(Math.max(0, Math.floor(now)), 0, TIME_BYTES);
    randomBytes(RANDOM_BYTES).copy(head, TIME_BYTES);
    return Buffer.concat([head, this.#seal(head)]).toString('base64url');
  }

  /** When the nonce was issued, in the milliseconds given to `issue`; undefined when it is not ours. */
  issuedAt(nonce: string): number | undefined {
    if (nonce.length > 2 * NONCE_BYTES) return undefined;
    const bytes = Buffer.from(nonce, 'base64url');
    // The second test refuses other spellings of the same bytes, which would pass as unused nonces.
    if (bytes.length !== NONCE_BYTES || bytes.toString('base64url') !== nonce) return undefined;
    const head = bytes.subarray(0, TIME_BYTES + RANDOM_BYTES);
    if (!timingSafeEqual(this.#seal(head), bytes.subarray(head.length))) return undefined;
    return head.readUIntBE(0, TIME_BYTES);
  }

  #seal(head: Buffer): Buffer {
    const mac = createHmac('sha256', this.#secret).update(this.realm).update('\0').update(head).digest();
    return mac.subarray(0, MAC_BYTES);
  }
}
