import { BLOCK_SAMPLES } from './block-energy';
import type { Detection, Detector } from '../detector';
import { PAUSE_MS, SoundActivity, type Spurt } from './sound-activity';

/** What the detectors of speech and silence share: audio of any packet time, cut into blocks. */
abstract class ActivityDetector implements Detector {
  protected readonly activity: SoundActivity;
  readonly #block = new Int16Array(BLOCK_SAMPLES);
  #filled = 0;
  #isLost = false;

  /** @param floorDbfs noise floor to begin with, where it is known. */
  constructor(floorDbfs?: number) {
    this.activity = new SoundActivity(floorDbfs);
  }

  push(pcm: Int16Array, offset: number, count: number, lost: boolean): void {
    for (let index = offset; index < offset + count; index++) {
      this.#block[this.#filled++] = pcm[index];
      this.#isLost ||= lost;
      if (this.#filled < BLOCK_SAMPLES) continue;
      this.activity.push(this.#block, 0, this.#isLost);
      this.heard(this.activity);
      this.#filled = 0;
      this.#isLost = false;
    }
  }

  abstract poll(): Detection | undefined;

  end(): Detection | undefined {
    return this.poll();
  }

  /** Called after each block. */
  protected heard(_: SoundActivity): void {}
}

/** Listens for the beginning of speech; tones are none. */
export class SpeechDetector extends ActivityDetector {
  poll(): Detection | undefined {
    const { spurt } = this.activity;
    return spurt?.kind === 'speech' ? detection('speech', spurt) : undefined;
  }
}

/** Listens for the end of what somebody says: speech, then silence for some time. */
export class EndOfSpeechDetector extends ActivityDetector {
  /** Speech from its first to its last word, pauses included. */
  #speech: Spurt | undefined;

  /** @param silenceMs that ends it. */
  constructor(
    private readonly silenceMs: number,
    floorDbfs?: number,
  ) {
    super(floorDbfs);
  }

  poll(): Detection | undefined {
    const speech = this.#speech;
    const { nowMs, lastAudibleMs = 0 } = this.activity;
    // A sound that has just begun may be the next word.
    if (!speech || nowMs - speech.endMs < this.silenceMs || nowMs - lastAudibleMs < PAUSE_MS)
      return undefined;
    return detection('end-of-speech', speech);
  }

  protected override heard({ spurt }: SoundActivity): void {
    if (spurt?.kind !== 'speech') return;
    if (!this.#speech) this.#speech = { ...spurt };
    else if (spurt.startMs - this.#speech.endMs < this.silenceMs) this.#speech.endMs = spurt.endMs;
  }
}

/** Listens for silence of some length: no sound of any kind, as far as it rises above the noise of the line. */
export class SilenceDetector extends ActivityDetector {
  /** @param silenceMs that counts. */
  constructor(
    private readonly silenceMs: number,
    floorDbfs?: number,
  ) {
    super(floorDbfs);
  }

  poll(): Detection | undefined {
    const { nowMs, lastAudibleMs = 0 } = this.activity;
    if (nowMs - lastAudibleMs < this.silenceMs) return undefined;
    return { what: 'silence', score: 1, startMs: lastAudibleMs, endMs: nowMs };
  }
}

function detection(what: string, { startMs, endMs, levelDbfs }: Spurt): Detection {
  return { what, score: 1, startMs, endMs, levelDbfs };
}
