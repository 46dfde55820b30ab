import { Cells, InCells, memory } from '../../memory/cells';
import { timestampDistance } from '../rtp-packet';
import { FLOOR_CELLS, floorOf, moveFloor, noteTransit, restartFloor } from './transit-floor';

/** Delay behind the fastest packets from which a packet is late. */
const LATE_MS = 100;
/** Distance from the other packets, ahead or behind, from which the stream has restarted. */
const AHEAD_MS = 500;
const BEHIND_MS = 2000;
/**
 * Late packets in a row that show a path with more delay instead of a few stragglers, and the least time over which they
 * come: those that were read at once had waited for a thread that was held up.
 */
const LATE_IN_A_ROW = 10;
const LATE_FOR_MS = 100;

/** Numbers: position of the last packet, and arrival of the first late one in a row; then words, then the floor of the transit times. */
const POSITION = 0;
const LATE_SINCE = 1;
const TIMESTAMP = 4;
const ANCHORED = 5;
const LATE = 6;
const RESTARTED = 7;
const FLOOR = 4;
export const TIMELINE_CELLS = FLOOR + FLOOR_CELLS;

/**
 * Places received audio on the peer's sample clock, which begins where the session's clock stands when the first packet
 * arrives: every further one by its RTP timestamp, so that gaps stay gaps and reordered packets come in order. The
 * recording corrects the drift between the two clocks (`ReceivedTrack`). A discontinuity, or a lasting rise of the
 * delay, starts over at the arrival. Positions are samples.
 */
export class ReceiveTimeline extends InCells {
  constructor(cells = new Cells(TIMELINE_CELLS), place = 0) {
    super(cells, place);
    restartFloor(this.at + FLOOR);
  }

  /** The last packet restarted the timeline: its position is not comparable with those before. */
  get restarted(): boolean {
    return memory.words[2 * this.at + RESTARTED] !== 0;
  }

  /** The next packet is placed at its arrival (new SSRC, new codec). */
  restart(): void {
    memory.words[2 * this.at + ANCHORED] = 0;
  }

  /** As `placeReceived`. */
  place(timestamp: number, arrival: number, clockRate: number, sampleRate: number): number {
    return placeReceived(this.at, timestamp, arrival, clockRate, sampleRate);
  }

  /** As `settleReceived`. */
  settle(): void {
    settleReceived(this.at);
  }
}

/**
 * @param at cells of the timeline.
 * @param timestamp RTP timestamp of the packet.
 * @param arrival where the sample clock stood when it arrived.
 * @returns the position of the packet's first sample.
 */
export function placeReceived(
  at: number,
  timestamp: number,
  arrival: number,
  clockRate: number,
  sampleRate: number,
): number {
  const { numbers, words } = memory;
  const steps = timestampDistance(words[2 * at + TIMESTAMP], timestamp);
  let position = Math.round(numbers[at + POSITION] + (steps * sampleRate) / clockRate);
  const behind = arrival - position - floorOf(at + FLOOR);
  const restarted = words[2 * at + ANCHORED] === 0 || isAstray(at, behind, arrival, sampleRate);
  if (restarted) {
    position = Math.round(arrival);
    words[2 * at + LATE] = 0;
    restartFloor(at + FLOOR);
  }
  noteTransit(at + FLOOR, arrival - position, arrival, sampleRate);
  words[2 * at + RESTARTED] = restarted ? 1 : 0;
  words[2 * at + ANCHORED] = 1;
  words[2 * at + TIMESTAMP] = timestamp;
  numbers[at + POSITION] = position;
  return position;
}

/** No recording runs: the drift between the two clocks is corrected at once. */
export function settleReceived(at: number): void {
  const drift = floorOf(at + FLOOR);
  if (drift === 0) return;
  memory.numbers[at + POSITION] += drift;
  moveFloor(at + FLOOR, drift);
}

/**
 * @param behind the fastest packets, in whole samples: fractions of milliseconds would cost a heap number for each
 *   packet.
 */
function isAstray(at: number, behind: number, arrival: number, sampleRate: number): boolean {
  const { numbers, words } = memory;
  const behindMs = (behind * 1000) / sampleRate;
  if (behindMs < -AHEAD_MS || behindMs > BEHIND_MS) return true;
  if (behindMs <= LATE_MS) words[2 * at + LATE] = 0;
  else if (words[2 * at + LATE]++ === 0) numbers[at + LATE_SINCE] = arrival;
  if (words[2 * at + LATE] < LATE_IN_A_ROW) return false;
  return (arrival - numbers[at + LATE_SINCE]) * 1000 >= LATE_FOR_MS * sampleRate;
}
