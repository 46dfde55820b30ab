import { Cells, InCells, memory } from '../../memory/cells';
import { forgetSeen, noteSeen, SEEN_CELLS, SEEN_NUMBERS } from '../../memory/seen-numbers';

/** Class of a packet by its sequence number. */
export type Arrival = 'next' | 'gap' | 'late' | 'duplicate' | 'restart';

/** Largest jumps within a run; beyond them the sender has restarted (RFC 3550, A.1: MAX_DROPOUT, MAX_MISORDER). */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = SEEN_NUMBERS - 1;

/** Numbers: extended sequence numbers. Words: counts. Then the numbers that tell a late packet from a duplicate. */
const HIGHEST = 0;
const BASE = 1;
const RECEIVED = 4;
const RECEIVED_IN_RUN = 5;
const DUPLICATES = 6;
const OUT_OF_ORDER = 7;
const EXPECTED_BEFORE = 8;
const STARTED = 9;
const SEEN = 5;
export const SEQUENCE_CELLS = SEEN + SEEN_CELLS;

/**
 * Follows the sequence numbers of one stream over their wrap (RFC 3550, A.1 and A.3): what was expected,
 * received, lost, repeated and out of order. A new SSRC or a restart begins a new run; figures add up over runs.
 */
export class SequenceTracker extends InCells {
  constructor(cells = new Cells(SEQUENCE_CELLS), place = 0) {
    super(cells, place);
  }

  /** Extended number of the highest packet: cycles × 65536 + sequence. */
  get highest(): number {
    return memory.numbers[this.at + HIGHEST];
  }

  /** Packets without repetitions, over all runs. */
  get received(): number {
    return memory.words[2 * this.at + RECEIVED];
  }

  get duplicates(): number {
    return memory.words[2 * this.at + DUPLICATES];
  }

  get outOfOrder(): number {
    return memory.words[2 * this.at + OUT_OF_ORDER];
  }

  /** Packets that should have come, over all runs. */
  get expected(): number {
    return memory.words[2 * this.at + EXPECTED_BEFORE] + expectedInRun(this.at);
  }

  /** Packets that did not come; late ones reduce it again. */
  get lost(): number {
    return Math.max(0, this.expected - this.received);
  }

  /** Ends the run: the next packet starts a new one, and what follows is not counted as loss. */
  restart(): void {
    restartSequence(this.at);
  }

  /** As `noteSequence`. */
  accept(sequence: number): Arrival {
    return noteSequence(this.at, sequence);
  }
}

/** Counts and classifies a packet. A `restart` was counted as the first packet of a new run. */
export function noteSequence(at: number, sequence: number): Arrival {
  const { numbers, words } = memory;
  if (words[2 * at + STARTED] === 0) {
    begin(at, sequence);
    return 'next';
  }
  const highest = numbers[at + HIGHEST];
  const step = ((sequence - (highest & 0xffff)) << 16) >> 16;
  if (step > MAX_DROPOUT || step < -MAX_MISORDER) {
    restartSequence(at);
    begin(at, sequence);
    return 'restart';
  }
  const extended = highest + step;
  if (noteSeen(at + SEEN, extended, highest)) {
    words[2 * at + DUPLICATES]++;
    return 'duplicate';
  }
  words[2 * at + RECEIVED]++;
  words[2 * at + RECEIVED_IN_RUN]++;
  if (step <= 0) {
    words[2 * at + OUT_OF_ORDER]++;
    // A packet from before the first one raises the expected count, so that it does not hide a loss.
    if (extended < numbers[at + BASE]) numbers[at + BASE] = extended;
    return 'late';
  }
  numbers[at + HIGHEST] = extended;
  return step === 1 ? 'next' : 'gap';
}

function restartSequence(at: number): void {
  const { words } = memory;
  words[2 * at + EXPECTED_BEFORE] += expectedInRun(at);
  // Losses of this run are final; the next run counts its own packets.
  words[2 * at + STARTED] = 0;
  words[2 * at + RECEIVED_IN_RUN] = 0;
  forgetSeen(at + SEEN);
}

function begin(at: number, sequence: number): void {
  const { numbers, words } = memory;
  words[2 * at + STARTED] = 1;
  // One cycle ahead, so that a packet from before the first one has a positive number too.
  const first = 0x10000 + sequence;
  numbers[at + HIGHEST] = first;
  numbers[at + BASE] = first;
  noteSeen(at + SEEN, first, first - 1);
  words[2 * at + RECEIVED]++;
  words[2 * at + RECEIVED_IN_RUN] = 1;
}

function expectedInRun(at: number): number {
  const { numbers, words } = memory;
  return words[2 * at + RECEIVED_IN_RUN] === 0 ? 0 : numbers[at + HIGHEST] - numbers[at + BASE] + 1;
}
