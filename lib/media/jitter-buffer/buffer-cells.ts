import { Cells, InCells, memory } from '../memory/cells';
import { noCounts } from './counts';
import { TIMELINE_CELLS } from './media-timeline';
import { CLOCK_CELLS } from './playout-clock';
import { RUN_CELLS } from './sequence-run';
import type { JitterBufferCounts } from './types';

/** Numbers, then words, then the parts in the order in which a packet needs them. */
const POSITION = 0;
const NEXT = 1;
const FIRST = 2;
const DURATION = 3;
const GAP = 4;
const LAST_AUDIO = 5;
const PLAYING = 12;
const MISSING = 13;
const LATE_IN_A_ROW = 14;
const FIRST_COUNT = 15;
const RUN = 12;
const TIMELINE = RUN + RUN_CELLS;
const SLOTS = TIMELINE + TIMELINE_CELLS;

/** What is counted, and its place among the counts. */
export const COUNT = {
  inTime: 0,
  late: 1,
  duplicates: 2,
  discarded: 3,
  other: 4,
  reordered: 5,
  lost: 6,
  concealed: 7,
  restarts: 8,
} as const satisfies Record<keyof JitterBufferCounts, number>;

/** The numbers of a jitter buffer by name, and where its parts lie: the clock last, most of which is seldom touched. */
export abstract class BufferCells extends InCells {
  protected readonly run: number;
  protected readonly timeline: number;
  protected readonly slotsAt: number;
  protected readonly clock: number;

  constructor(slotCells: number) {
    super(new Cells(SLOTS + slotCells + CLOCK_CELLS), 0);
    this.run = this.at + RUN;
    this.timeline = this.at + TIMELINE;
    this.slotsAt = this.at + SLOTS;
    this.clock = this.at + SLOTS + slotCells;
  }

  get counts(): JitterBufferCounts {
    const counts = noCounts();
    for (const name of Object.keys(COUNT) as (keyof JitterBufferCounts)[]) {
      counts[name] = memory.words[2 * this.at + FIRST_COUNT + COUNT[name]];
    }
    return counts;
  }

  protected count(which: number, packets = 1): void {
    memory.words[2 * this.at + FIRST_COUNT + which] += packets;
  }

  /** Media time up to which audio was handed out. */
  protected get position(): number {
    return memory.numbers[this.at + POSITION];
  }
  protected set position(media: number) {
    memory.numbers[this.at + POSITION] = media;
  }

  /** Extended number of the next packet to play. */
  protected get next(): number {
    return memory.numbers[this.at + NEXT];
  }
  protected set next(extended: number) {
    memory.numbers[this.at + NEXT] = extended;
  }

  /** Extended number at which the run's numbering begins; 0 before a run. */
  protected get first(): number {
    return memory.numbers[this.at + FIRST];
  }
  protected set first(extended: number) {
    memory.numbers[this.at + FIRST] = extended;
  }

  /** Length of the last packet in RTP clock units, which one concealment covers. */
  protected get lastDuration(): number {
    return memory.numbers[this.at + DURATION];
  }
  protected set lastDuration(units: number) {
    memory.numbers[this.at + DURATION] = units;
  }

  /** Length of the last `conceal` or `silence`, in RTP clock units. */
  get gapUnits(): number {
    return memory.numbers[this.at + GAP];
  }
  protected set gapUnits(units: number) {
    memory.numbers[this.at + GAP] = units;
  }

  /** When the last packet was handed out. */
  protected get lastAudioMs(): number {
    return memory.numbers[this.at + LAST_AUDIO];
  }
  protected set lastAudioMs(ms: number) {
    memory.numbers[this.at + LAST_AUDIO] = ms;
  }

  protected get playing(): boolean {
    return memory.words[2 * this.at + PLAYING] !== 0;
  }
  protected set playing(isPlaying: boolean) {
    memory.words[2 * this.at + PLAYING] = isPlaying ? 1 : 0;
  }

  /** Sequence numbers passed over without audio since the last packet. */
  protected get missing(): number {
    return memory.words[2 * this.at + MISSING];
  }
  protected set missing(packets: number) {
    memory.words[2 * this.at + MISSING] = packets;
  }

  protected get lateInARow(): number {
    return memory.words[2 * this.at + LATE_IN_A_ROW];
  }
  protected set lateInARow(packets: number) {
    memory.words[2 * this.at + LATE_IN_A_ROW] = packets;
  }
}
