import type { Conversation } from '../../../audio';

/** Level from which what we send is audible, as a power of 16-bit samples: −55 dBFS. */
const AUDIBLE = (32_768 * 10 ** (-55 / 20)) ** 2;
/** Length of the stretches that are looked at, milliseconds. */
const STEP_MS = 10;
/** Pause within which what we send is one sound. */
const PAUSE_MS = 200;

/** Notes when we send sound. What we send is known exactly, so a fixed level is enough to tell it from silence. */
export class SentSound {
  constructor(private readonly conversation: Conversation) {}

  /** @param atMs session time of the first sample. */
  accept(pcm: Int16Array, count: number, sampleRate: number, atMs: number): void {
    const step = Math.round((sampleRate * STEP_MS) / 1000);
    for (let from = 0; from < count; from += step) {
      const to = Math.min(count, from + step);
      if (power(pcm, from, to) < AUDIBLE) continue;
      const start = atMs + (from * 1000) / sampleRate;
      this.conversation.weSounded(start, atMs + (to * 1000) / sampleRate, PAUSE_MS);
    }
  }

  digit(atMs: number, durationMs: number): void {
    this.conversation.weSounded(atMs, atMs + durationMs, PAUSE_MS);
  }
}

/** Mean power without a DC offset. */
function power(pcm: Int16Array, from: number, to: number): number {
  let sum = 0;
  let squares = 0;
  for (let index = from; index < to; index++) {
    const sample = pcm[index];
    sum += sample;
    squares += sample * sample;
  }
  const count = to - from;
  return squares / count - (sum / count) ** 2;
}
