import { memory } from '../memory/cells';
import { forgetSeen, noteSeen, SEEN_CELLS, SEEN_NUMBERS } from '../memory/seen-numbers';

/** Largest step that counts as loss; beyond it the sender has restarted (RFC 3550, A.1: MAX_DROPOUT). */
const MAX_DROPOUT = 3000;
/** Numbers begin one cycle up, so that packets from before the first one are positive too. */
const CYCLE = 0x10000;

/** The highest extended number so far; words; the numbers that tell a late packet from a duplicate. */
const HIGHEST = 0;
const SSRC = 2;
const BEGAN = 3;
const STARTED = 4;
const SEEN = 3;
export const RUN_CELLS = SEEN + SEEN_CELLS;

/** The next packet begins a run. `at`: the cells of the run, as in what follows. */
export function endRun(at: number): void {
  memory.words[2 * at + STARTED] = 0;
}

/** SSRC of the run, a signed word. */
export function ssrcOf(at: number): number {
  return memory.words[2 * at + SSRC];
}

/** Highest extended number so far. */
export function highestOf(at: number): number {
  return memory.numbers[at + HIGHEST];
}

/** Whether the last packet that `numberOf` was asked about began a run. */
export function began(at: number): boolean {
  return memory.words[2 * at + BEGAN] !== 0;
}

/**
 * The packet's extended sequence number, or −1 for a duplicate. Extends sequence numbers over their wraps; a run ends when
 * the SSRC changes or the numbers jump (RFC 3550, A.1).
 */
export function numberOf(at: number, ssrc: number, sequence: number): number {
  const { numbers, words } = memory;
  const highest = numbers[at + HIGHEST];
  const step = ((sequence - highest) << 16) >> 16;
  const isOther = words[2 * at + STARTED] === 0 || (ssrc | 0) !== words[2 * at + SSRC];
  if (isOther || step > MAX_DROPOUT || step <= -SEEN_NUMBERS) return begin(at, ssrc, CYCLE + sequence);
  words[2 * at + BEGAN] = 0;
  const extended = highest + step;
  if (noteSeen(at + SEEN, extended, highest)) return -1;
  if (extended > highest) numbers[at + HIGHEST] = extended;
  return extended;
}

function begin(at: number, ssrc: number, extended: number): number {
  const { numbers, words } = memory;
  words[2 * at + BEGAN] = 1;
  words[2 * at + STARTED] = 1;
  words[2 * at + SSRC] = ssrc;
  numbers[at + HIGHEST] = extended;
  forgetSeen(at + SEEN);
  noteSeen(at + SEEN, extended, extended - 1);
  return extended;
}
