import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { seededRandom } from '../../../support/random';

/**
 * Stands between two endpoints: what arrives on one socket leaves by the other for that socket's far end, and some
 * of it is lost. The messages are not touched, so both ends must follow Contact and rport through it by the ports
 * they see.
 */
export class LossyRelay {
  lost = 0;
  passed = 0;
  readonly #random: () => number;
  readonly #near = createSocket('udp4');
  readonly #far = createSocket('udp4');

  /** @param loss probability of losing a datagram, each way */
  constructor(
    private readonly loss: number,
    seed: number,
  ) {
    this.#random = seededRandom(seed);
  }

  /** Port that the near end sends to. */
  get nearPort(): number {
    return this.#near.address().port;
  }

  /** Port that the far end sends to. */
  get farPort(): number {
    return this.#far.address().port;
  }

  async open(nearEnd: () => number, farEnd: () => number): Promise<void> {
    this.#pipe(this.#near, this.#far, farEnd);
    this.#pipe(this.#far, this.#near, nearEnd);
    this.#near.bind(0, '127.0.0.1');
    this.#far.bind(0, '127.0.0.1');
    await Promise.all([once(this.#near, 'listening'), once(this.#far, 'listening')]);
  }

  async close(): Promise<void> {
    const closed = [once(this.#near, 'close'), once(this.#far, 'close')];
    this.#near.close();
    this.#far.close();
    await Promise.all(closed);
  }

  #pipe(from: Socket, to: Socket, target: () => number): void {
    from.on('message', (bytes) => {
      if (this.#random() < this.loss) {
        this.lost++;
        return;
      }
      this.passed++;
      to.send(bytes, target(), '127.0.0.1');
    });
  }
}
