import { memory } from '../memory/cells';
import { isAstray, observe, restartClock, usualMedia } from './playout-clock';

/** The newest packet: number, media time and timestamp; and whether the last one's timestamp had jumped. */
const NEWEST = 0;
const NEWEST_MEDIA = 1;
const NEWEST_TIMESTAMP = 4;
const JUMPED = 5;
export const TIMELINE_CELLS = 3;

/**
 * Media time of a stream in RTP clock units: timestamps unwrapped, and continued over their jumps. The next packet begins
 * a stream, and with it media time. `at`: the cells of the timeline, as in what follows.
 */
export function restartTimeline(at: number): void {
  memory.numbers[at + NEWEST] = -1;
}

/** The last packet's timestamp had jumped. */
export function jumped(at: number): boolean {
  return memory.words[2 * at + JUMPED] !== 0;
}

/**
 * The media time of a packet, whole units.
 *
 * @param clock cells of the playout clock, which learns from every packet.
 * @param extended number of the packet.
 * @param timestamp RTP timestamp, 32 bits.
 * @param durationUnits length of its audio.
 * @param arrivalMs when it came, on the clock of the playout.
 * @param spurtBegins nothing is playing before it.
 */
export function placeMedia(
  at: number,
  clock: number,
  extended: number,
  timestamp: number,
  durationUnits: number,
  arrivalMs: number,
  spurtBegins: boolean,
): number {
  const { numbers, words } = memory;
  words[2 * at + JUMPED] = 0;
  const isNewest = extended > numbers[at + NEWEST];
  let media = 0;
  if (numbers[at + NEWEST] < 0) {
    restartClock(clock, 0, arrivalMs);
  } else {
    media = numbers[at + NEWEST_MEDIA] + ((timestamp - words[2 * at + NEWEST_TIMESTAMP]) | 0);
    if (isNewest && isAstray(clock, media, arrivalMs)) {
      words[2 * at + JUMPED] = 1;
      media = Math.max(usualMedia(clock, media, arrivalMs), numbers[at + NEWEST_MEDIA] + durationUnits);
    }
    observe(clock, media, arrivalMs, spurtBegins);
  }
  if (isNewest) {
    numbers[at + NEWEST] = extended;
    words[2 * at + NEWEST_TIMESTAMP] = timestamp;
    numbers[at + NEWEST_MEDIA] = media;
  }
  return media;
}
