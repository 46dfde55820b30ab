import { memory } from '../memory/cells';

const BINS = 128;
/** Width of a bin in milliseconds; the last bin takes everything beyond. */
const BIN_MS = 4;
/** A packet's weight fades by this factor with each further packet: half of it after 173 packets, 3.5 s. */
const FORGET = 0.996;
/** Weight at which all are scaled down, far below the overflow of a double; only ratios of weights matter. */
const RENORMALISE_AT = 1e200;

/** The sum of all bins, and the next packet's weight: instead of letting every bin fade, each weighs more than the one before. */
const TOTAL = 0;
const WEIGHT = 1;
/** The highest bin that has anything: above it there is nothing to look at. */
const TOP = 2;
const FIRST_BIN = 3;
export const HISTOGRAM_CELLS = FIRST_BIN + BINS;

/** Histogram of the delay of recent packets above that of the fastest ones, for quantiles. `at`: its cells, as in what follows. */
export function clearHistogram(at: number): void {
  const { numbers } = memory;
  numbers.fill(0, at, at + HISTOGRAM_CELLS);
  numbers[at + WEIGHT] = 1;
}

/** @param delayMs above the fastest packets in whole milliseconds, 0 or more. */
export function addDelay(at: number, delayMs: number): void {
  const { numbers } = memory;
  const bin = Math.min(BINS - 1, Math.floor(delayMs / BIN_MS));
  numbers[at + FIRST_BIN + bin] += numbers[at + WEIGHT];
  if (bin > numbers[at + TOP]) numbers[at + TOP] = bin;
  numbers[at + TOTAL] += numbers[at + WEIGHT];
  numbers[at + WEIGHT] /= FORGET;
  if (numbers[at + WEIGHT] > RENORMALISE_AT) renormalise(at);
}

/** Upper edge in milliseconds of the bin below which that share (0–1) of the recent packets lies. */
export function delayQuantile(at: number, share: number): number {
  const { numbers } = memory;
  let left = numbers[at + TOTAL] * (1 - share);
  for (let bin = numbers[at + TOP]; bin > 0; bin--) {
    left -= numbers[at + FIRST_BIN + bin];
    if (left < 0) return (bin + 1) * BIN_MS;
  }
  return BIN_MS;
}

function renormalise(at: number): void {
  const { numbers } = memory;
  const weight = numbers[at + WEIGHT];
  for (let bin = 0; bin < BINS; bin++) numbers[at + FIRST_BIN + bin] /= weight;
  numbers[at + TOTAL] /= weight;
  numbers[at + WEIGHT] = 1;
}
