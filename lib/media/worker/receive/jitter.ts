import { Cells, InCells, memory } from '../../memory/cells';

/** Numbers: the estimate in milliseconds, and the last arrival. Words: the last timestamp, and whether there was one. */
export const JITTER_CELLS = 3;
const MS = 0;
const ARRIVAL = 1;
const TIMESTAMP = 4;
const PRIMED = 5;

/**
 * Interarrival jitter (RFC 3550, 6.4.1 and A.8), kept in milliseconds: a running estimate of how much the
 * spacing at the receiver differs from the spacing at the sender.
 */
export class JitterEstimator extends InCells {
  constructor(cells = new Cells(JITTER_CELLS), place = 0) {
    super(cells, place);
  }

  get ms(): number {
    return memory.numbers[this.at + MS];
  }

  /** Forgets the last packet (a new stream, another clock rate); the estimate is kept. */
  restart(): void {
    memory.words[2 * this.at + PRIMED] = 0;
  }

  /** As `noteJitter`. */
  accept(arrivalMs: number, timestamp: number, clockRate: number): void {
    noteJitter(this.at, arrivalMs, timestamp, clockRate);
  }
}

/**
 * Learns from a packet.
 *
 * @param at cells of the estimator.
 * @param arrivalMs monotonic arrival time.
 * @param timestamp RTP timestamp as a signed word; packets that repeat one (events) say nothing and are ignored.
 * @param clockRate of the payload, in Hz.
 */
export function noteJitter(at: number, arrivalMs: number, timestamp: number, clockRate: number): void {
  const { numbers, words } = memory;
  const isPrimed = words[2 * at + PRIMED] !== 0;
  const before = words[2 * at + TIMESTAMP];
  if (isPrimed) {
    if (timestamp === before) return;
    // The difference on the 32-bit circle survives the wrap of the timestamp.
    const advanceMs = (((timestamp - before) | 0) * 1000) / clockRate;
    const difference = Math.abs(arrivalMs - numbers[at + ARRIVAL] - advanceMs);
    numbers[at + MS] += (difference - numbers[at + MS]) / 16;
  }
  numbers[at + ARRIVAL] = arrivalMs;
  words[2 * at + TIMESTAMP] = timestamp;
  words[2 * at + PRIMED] = 1;
}
