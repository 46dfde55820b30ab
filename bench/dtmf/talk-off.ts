import type { Listen } from './listen';
import { changed, RATE, through } from './signals';
import type { Voice } from './voices';

/** Level and G.711 law of each line. */
const LINES = [
  { gainDb: 0, law: undefined },
  { gainDb: -12, law: 'A' },
  { gainDb: 6, law: 'µ' },
] as const;

export interface TalkOff {
  voice: string;
  minutes: number;
  /** Digits that were heard, with the time in the audio of this voice. */
  digits: { digit: string; atS: number; durationMs: number }[];
}

/**
 * Plays a voice and notes false detections of digits (talk-off). Each piece goes over another line.
 *
 * @param speeds each piece is played at all of them, which moves its pitch: more voices than there are
 */
export function measureTalkOff(listen: Listen, voice: Voice, speeds: readonly number[]): TalkOff {
  const result: TalkOff = { voice: voice.name, minutes: 0, digits: [] };
  let seconds = 0;
  let index = 0;
  for (const piece of voice.pieces) {
    for (const speed of speeds) {
      const { gainDb, law } = LINES[index++ % LINES.length];
      const samples = through(changed(piece, speed, gainDb), law);
      for (const { digit, atMs, durationMs } of listen(samples)) {
        result.digits.push({ digit, atS: Math.round(seconds + atMs / 1000), durationMs });
      }
      seconds += samples.length / RATE;
    }
  }
  result.minutes = Math.round(seconds / 6) / 10;
  return result;
}
