import { memory } from '../memory/cells';
import { addDelay, clearHistogram, delayQuantile, HISTOGRAM_CELLS } from './delay-histogram';
import type { JitterBufferOptions } from './options';

/** The fastest packets are looked for over one to two of these, so that the clock follows drift and path changes. */
const WINDOW_MS = 5000;
/** Slew of the delay per packet while audio is playing: 0.5 ms of 20 ms is inaudible. */
const SLEW_MS = 0.5;
/** Share of packets that the adaptive delay lets through in time. */
const IN_TIME = 0.995;
/** The quantile is looked up once in this many packets. */
const QUANTILE_EVERY = 8;
/** Distance from the usual waiting time, either way, at which a packet has another time base. */
const ASTRAY_MS = 1000;

/** What each packet needs; then the words; then what is needed at times; then the histogram. */
const OFFSET = 0;
const MS_PER_UNIT = 1;
const DELAY = 2;
const WINDOW_END = 3;
const FASTEST = 4;
const FASTEST_BEFORE = 5;
const PACKETS = 12;
const ADAPTIVE = 13;
const HISTOGRAM = 7;
const MIN_DELAY = HISTOGRAM + HISTOGRAM_CELLS;
const MAX_DELAY = MIN_DELAY + 1;
const START_DELAY = MIN_DELAY + 2;
export const CLOCK_CELLS = MIN_DELAY + 3;

/**
 * Playout time of audio: media time plus an offset, which is the transit time of the fastest packets plus
 * the delay. Media time is the RTP timestamp in units of its clock; arrival is the local clock in milliseconds;
 * only their differences mean something. The offset moves slowly while audio plays and at once when a talk spurt
 * begins. Fractions that functions take or return may be heap numbers: these take whole units and answer yes or no.
 * `at`: the cells of the clock, as in what follows.
 */
export function setUpClock(at: number, options: Required<JitterBufferOptions>): void {
  const { numbers, words } = memory;
  const { mode, clockRate, delayMs, minDelayMs, maxDelayMs } = options;
  const isAdaptive = mode === 'adaptive';
  const start = isAdaptive ? Math.min(maxDelayMs, Math.max(minDelayMs, delayMs)) : delayMs;
  words[2 * at + ADAPTIVE] = isAdaptive ? 1 : 0;
  numbers[at + MS_PER_UNIT] = 1000 / clockRate;
  numbers[at + MIN_DELAY] = minDelayMs;
  numbers[at + MAX_DELAY] = maxDelayMs;
  numbers[at + START_DELAY] = start;
  numbers[at + DELAY] = start;
  numbers[at + FASTEST] = Infinity;
  numbers[at + FASTEST_BEFORE] = Infinity;
  clearHistogram(at + HISTOGRAM);
}

/** Delay above the fastest packets that is aimed at, in milliseconds. */
export function delayOf(at: number): number {
  return memory.numbers[at + DELAY];
}

/** Whether audio of that media time is to be played at `nowMs` or was before. */
export function isDue(at: number, media: number, nowMs: number): boolean {
  const { numbers } = memory;
  return media * numbers[at + MS_PER_UNIT] + numbers[at + OFFSET] <= nowMs;
}

/** Whether its time lies more than `byMs` back. */
export function isOverdue(at: number, media: number, nowMs: number, byMs: number): boolean {
  const { numbers } = memory;
  return nowMs - (media * numbers[at + MS_PER_UNIT] + numbers[at + OFFSET]) > byMs;
}

/** Whether a packet of that media time has another time base than those before it: their timestamps jumped. */
export function isAstray(at: number, media: number, arrivalMs: number): boolean {
  const { numbers } = memory;
  const waitMs = media * numbers[at + MS_PER_UNIT] + numbers[at + OFFSET] - arrivalMs;
  return waitMs > numbers[at + DELAY] + ASTRAY_MS || waitMs < -ASTRAY_MS;
}

/** The media time that makes such a packet wait as long as others, whole units. */
export function usualMedia(at: number, media: number, arrivalMs: number): number {
  const { numbers } = memory;
  const waitMs = media * numbers[at + MS_PER_UNIT] + numbers[at + OFFSET] - arrivalMs;
  return Math.round(media + (numbers[at + DELAY] - waitMs) / numbers[at + MS_PER_UNIT]);
}

/** Restarts with this packet: another stream, or the old one on another path. */
export function restartClock(at: number, media: number, arrivalMs: number): void {
  const { numbers } = memory;
  clearHistogram(at + HISTOGRAM);
  numbers[at + DELAY] = numbers[at + START_DELAY];
  resynchronise(at, media, arrivalMs);
}

/** Measures transit times from this packet on; the jitter histogram is kept. */
export function resynchronise(at: number, media: number, arrivalMs: number): void {
  const { numbers } = memory;
  numbers[at + FASTEST] = arrivalMs - media * numbers[at + MS_PER_UNIT];
  numbers[at + FASTEST_BEFORE] = Infinity;
  numbers[at + WINDOW_END] = arrivalMs + WINDOW_MS;
  numbers[at + OFFSET] = numbers[at + FASTEST] + numbers[at + DELAY];
}

/**
 * Learns from a packet.
 *
 * @param spurtBegins nothing is playing before it, so that the delay may change at once.
 */
export function observe(at: number, media: number, arrivalMs: number, spurtBegins: boolean): void {
  const { numbers, words } = memory;
  const transit = arrivalMs - media * numbers[at + MS_PER_UNIT];
  if (arrivalMs >= numbers[at + WINDOW_END]) {
    numbers[at + FASTEST_BEFORE] = numbers[at + FASTEST];
    numbers[at + FASTEST] = transit;
    numbers[at + WINDOW_END] = arrivalMs + WINDOW_MS;
  } else if (transit < numbers[at + FASTEST]) {
    numbers[at + FASTEST] = transit;
  }
  const base = Math.min(numbers[at + FASTEST], numbers[at + FASTEST_BEFORE]);
  const isAdaptive = words[2 * at + ADAPTIVE] !== 0;
  if (isAdaptive) adapt(at, Math.floor(transit - base), transit - base > numbers[at + DELAY]);
  const wanted = base + numbers[at + DELAY];
  const offset = numbers[at + OFFSET];
  // A late packet raises the offset at once: the packets behind it would be late as well.
  if (spurtBegins || (isAdaptive && transit > offset && wanted > offset)) {
    numbers[at + OFFSET] = wanted;
  } else if (wanted > offset) {
    numbers[at + OFFSET] = Math.min(wanted, offset + SLEW_MS);
  } else {
    numbers[at + OFFSET] = Math.max(wanted, offset - SLEW_MS);
  }
}

function adapt(at: number, wholeMs: number, isRising: boolean): void {
  const { numbers, words } = memory;
  addDelay(at + HISTOGRAM, wholeMs);
  // The quantile is looked up at once for a packet that exceeds the delay, otherwise for one in eight.
  if (isRising || words[2 * at + PACKETS]++ % QUANTILE_EVERY === 0) {
    const wanted = delayQuantile(at + HISTOGRAM, IN_TIME);
    numbers[at + DELAY] = Math.min(numbers[at + MAX_DELAY], Math.max(numbers[at + MIN_DELAY], wanted));
  }
}
