import type { Redis } from 'ioredis';
import { UsageError } from '../arguments';

/** Seconds without an answer after which it is said, and after which nobody waits any longer. */
const LIMITS = { told: 5, gone: 120 } as const;
const SECOND_MS = 1000;

/** Asks Redis each second whether it is there, so that nobody waits for ever for one that is gone, frozen or very slow. */
export class RedisPulse {
  /** Rejects when Redis has not answered for two minutes. */
  readonly gone: Promise<never>;
  readonly #timer: NodeJS.Timeout;
  #giveUp: (why: UsageError) => void = () => undefined;
  #isAsked = false;
  /** Seconds in which this process ran and Redis did not answer: one that was stopped itself has heard nothing. */
  #seconds = 0;

  /**
   * @param place how Redis is called in sentences
   * @param note takes a sentence when it is slow to answer, and when it answers again
   */
  constructor(
    private readonly redis: Pick<Redis, 'ping' | 'status'>,
    private readonly place: string,
    private readonly note: (sentence: string) => void,
  ) {
    this.gone = new Promise<never>((_resolve, reject) => (this.#giveUp = reject));
    this.gone.catch(() => undefined);
    this.#timer = setInterval(() => this.#beat(), SECOND_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    if (!this.#isAsked) return this.#ask();
    this.#seconds += 1;
    // Of a connection that is lost others tell.
    if (this.#seconds === LIMITS.told && this.redis.status === 'ready') {
      this.note(`Redis at ${this.place} does not answer; waiting.`);
    }
    if (this.#seconds === LIMITS.gone) {
      this.#giveUp(
        new UsageError(
          `Redis at ${this.place} has not answered for ${LIMITS.gone} s. The workers end their calls by themselves. ` +
            `If it comes back with its data, the same command with the name of the run (--run) tells what they reported.`,
        ),
      );
    }
  }

  #ask(): void {
    this.#isAsked = true;
    const answered = (): void => {
      if (this.#seconds >= LIMITS.told && this.redis.status === 'ready') {
        this.note(`Redis at ${this.place} answers again, after ${this.#seconds} s.`);
      }
      this.#isAsked = false;
      this.#seconds = 0;
    };
    this.redis.ping().then(answered, answered);
  }
}
