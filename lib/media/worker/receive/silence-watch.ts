import type { MediaParameters } from '../../types';
import { isReachable } from './answerable';

/** Default RTP timeout. */
const DEFAULT_LIMIT_MS = 20_000;

/** RTP timeout: no packets come from the peer although it may send; they ceased, or never began. */
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
    const { direction, remote } = parameters;
    // The unspecified address is the hold of RFC 2543: such a peer is not expected to send.
    this.#expects = (direction === 'sendrecv' || direction === 'recvonly') && isReachable(remote);
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
