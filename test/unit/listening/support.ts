import { parseTone } from '../../../lib/audio/tones';
import { ToneGenerator } from '../../../lib/audio/tone-generator';
import { seededRandom } from '../../support/random';

/** Audio at 8 kHz, one part after the other. */
export function sound(...parts: readonly Int16Array[]): Int16Array {
  const audio = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    audio.set(part, at);
    at += part.length;
  }
  return audio;
}

export function silence(ms: number): Int16Array {
  return new Int16Array(Math.round(ms * 8));
}

/** A tone in the grammar of `parseTone`, RMS level in dBFS. */
export function tone(spelled: string, ms: number, levelDbfs: number): Int16Array {
  const samples = silence(ms);
  new ToneGenerator(parseTone(spelled), 8000, levelDbfs).generate(samples);
  return samples;
}

/** The audio with white noise of this RMS level in dBFS. */
export function noise(audio: Int16Array, levelDbfs: number, seed = 1): Int16Array {
  const random = seededRandom(seed);
  const peak = 32_768 * 10 ** (levelDbfs / 20) * Math.sqrt(3);
  return audio.map((value) => Math.round(value + (random() * 2 - 1) * peak));
}
