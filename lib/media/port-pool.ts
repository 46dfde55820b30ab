import { type Clock, SipflowError, systemClock } from '../common';
import type { PortRequest } from './types';

/** Time after which a pair that another program holds is tried again. */
export const QUARANTINE_MS = 5000;

const LOWEST_PORT = 1;
const HIGHEST_PORT = 65535;

/**
 * Hands out RTP/RTCP pairs: an even RTP port and the odd one above it. It only assigns candidates: the
 * media worker binds both and keeps them, so there is no gap between a test and the real bind. A pair
 * counts by its number alone, whatever the address, because a wildcard address overlaps all others.
 */
export class PortPool {
  readonly #used = new Set<number>();
  readonly #quarantine = new Map<number, number>();
  /** Start of the next search in each range: rotating, so that a freed pair is not reused soon. */
  readonly #next = new Map<string, number>();

  constructor(
    private readonly clock: Clock = systemClock,
    private readonly random: () => number = Math.random,
  ) {}

  /** Pairs in use now, in all ranges. */
  get inUse(): number {
    return this.#used.size;
  }

  /**
   * Takes the next free pair of the range and returns its even port.
   * Throws BAD_CONFIG for a range without a pair, RTP_PORTS_EXHAUSTED when none is free.
   */
  take(request: PortRequest): number {
    const { first, count } = pairsOf(request);
    const key = `${first}/${count}`;
    const start = this.#next.get(key) ?? Math.floor(this.random() * count);
    for (let step = 0; step < count; step++) {
      const index = (start + step) % count;
      const port = first + 2 * index;
      if (this.#used.has(port) || this.#isQuarantined(port)) continue;
      this.#used.add(port);
      this.#next.set(key, (index + 1) % count);
      return port;
    }
    throw this.#exhausted(request, first, count);
  }

  /** Puts a pair back after its sockets are closed. */
  free(port: number): void {
    this.#used.delete(port);
  }

  /** Puts back a pair that another program holds; it is tried again after 5 s. */
  quarantine(port: number): void {
    this.#used.delete(port);
    this.#quarantine.set(port, this.clock.now() + QUARANTINE_MS);
  }

  /** Pairs of a range: all of them, and those that can be taken now. Throws BAD_CONFIG for a range without a pair. */
  room(request: Pick<PortRequest, 'portMin' | 'portMax'>): { free: number; all: number } {
    const { first, count } = pairsOf(request);
    const isWithin = (port: number): boolean => port >= first && port < first + 2 * count;
    let taken = 0;
    for (const port of this.#used) if (isWithin(port)) taken++;
    for (const port of this.#quarantine.keys()) if (isWithin(port) && this.#isQuarantined(port)) taken++;
    return { free: count - taken, all: count };
  }

  #isQuarantined(port: number): boolean {
    const until = this.#quarantine.get(port);
    if (until === undefined) return false;
    if (until > this.clock.now()) return true;
    this.#quarantine.delete(port);
    return false;
  }

  #exhausted(request: PortRequest, first: number, count: number): SipflowError {
    let used = 0;
    let foreign = 0;
    for (let index = 0; index < count; index++) {
      if (this.#used.has(first + 2 * index)) used++;
      else if (this.#isQuarantined(first + 2 * index)) foreign++;
    }
    const others = foreign > 0 ? ` and ${foreign} by other programs` : '';
    return new SipflowError(
      'RTP_PORTS_EXHAUSTED',
      `All ${count} RTP port pairs of ${request.portMin}–${request.portMax} are taken: ` +
        `${used} by calls of this process${others}. Widen the RTP port range of the SIP phone.`,
    );
  }
}

function pairsOf(request: Pick<PortRequest, 'portMin' | 'portMax'>): { first: number; count: number } {
  const { portMin, portMax } = request;
  const whole = Number.isInteger(portMin) && Number.isInteger(portMax);
  const first = portMin + (portMin % 2);
  const count = Math.floor((portMax - first + 1) / 2);
  if (!whole || portMin < LOWEST_PORT || portMax > HIGHEST_PORT || count < 1) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The RTP port range ${portMin}–${portMax} holds no pair of an even and the following odd port. ` +
        `Use a range within ${LOWEST_PORT}–${HIGHEST_PORT}, for example 10000–19999.`,
    );
  }
  return { first, count };
}
