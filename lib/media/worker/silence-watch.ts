import type { MediaParameters } from '../types';

/** Without another value in the parameters, a peer that is silent for so long is reported. */
const DEFAULT_LIMIT_MS = 20_000;

/** Notices that the peer's packets ceased although it may send. */
export class SilenceWatch {
  #limitMs = DEFAULT_LIMIT_MS;
  #expects = true;
  #since: number;
  #reported = false;

  constructor(now: number) {
    this.#since = now;
  }

  configure(parameters: MediaParameters): void {
    this.#limitMs = parameters.rtpTimeoutMs ?? DEFAULT_LIMIT_MS;
    this.#expects = parameters.direction === 'sendrecv' || parameters.direction === 'recvonly';
  }

  /** Returns true once for each silence that exceeds the limit. Times are monotonic milliseconds. */
  check(now: number, lastPacketAt: number): boolean {
    // After a hold the peer gets the whole time again.
    if (!this.#expects) this.#since = now;
    const silent = this.#limitMs > 0 && now - Math.max(this.#since, lastPacketAt) >= this.#limitMs;
    const report = silent && !this.#reported;
    this.#reported = silent;
    return report;
  }
}
