import type { Detection, Detector } from '../detector';
import { CadenceListener, roundScore } from './cadence-listener';
import { isBeep, isSteady, LEAST_PURITY, type Tone } from './tone-run';
import { parseWantedTone, type WantedTone } from './tone-patterns';
import { ToneTracker, type ToneSink } from './tone-tracker';

/** Shortest tone, ms. */
const LEAST_MS = 90;
/** Accepted difference of a frequency that a user named: 1.5 % and 3 Hz. */
const HZ_PART = 0.015;
const HZ = 3;

/**
 * Listens for a tone: call-progress tones by their frequencies and cadence, a beep, a frequency, or any cadence that can be
 * spelled. Call-progress tones come from the table that `tone:` sources are played from.
 */
export class ProgressToneDetector implements Detector, ToneSink {
  readonly #wanted: WantedTone;
  readonly #tracker = new ToneTracker(this);
  readonly #cadences: CadenceListener | undefined;
  #detection: Detection | undefined;
  /** The last tone that has ended, whatever it was. */
  #last: Readonly<Tone> | undefined;

  /**
   * @param wanted see `parseWantedTone`.
   * @throws SipflowError BAD_AUDIO when there is no such tone.
   */
  constructor(wanted: string) {
    this.#wanted = parseWantedTone(wanted);
    if (this.#wanted.what === 'patterns') {
      this.#cadences = new CadenceListener(this.#wanted.patterns, this.#wanted.early);
    }
  }

  push(pcm: Int16Array, offset: number, count: number, lost = false): void {
    this.#tracker.push(pcm, offset, count, lost);
  }

  poll(): Detection | undefined {
    const { tone, positionMs } = this.#tracker;
    this.#detection ??= this.#cadences
      ? this.#cadences.decide(tone, positionMs)
      : tone && this.#wanted.what !== 'beep'
        ? this.#match(tone)
        : undefined;
    return this.#detection;
  }

  /** The last tone, or the likeliest cadence. */
  best(): Detection | undefined {
    const tone = this.#tracker.tone ?? this.#last;
    return this.#cadences?.likely ?? (tone && toneDetection('tone', tone, 0));
  }

  end(): Detection | undefined {
    return this.poll() ?? this.#cadences?.likely;
  }

  toneEnded(tone: Readonly<Tone>): void {
    this.#cadences?.toneEnded(tone);
    if (tone.endMs - tone.startMs < LEAST_MS) return;
    this.#last = tone;
    if (this.#wanted.what === 'beep' && isBeep(tone))
      this.#detection ??= toneDetection('beep', tone, tone.purity);
    else this.#detection ??= this.#match(tone);
  }

  #match(tone: Readonly<Tone>): Detection | undefined {
    const { what } = this.#wanted;
    if (tone.endMs - tone.startMs < LEAST_MS || tone.purity < LEAST_PURITY || !isSteady(tone))
      return undefined;
    if (what === 'any') return toneDetection('tone', tone, tone.purity);
    if (what !== 'frequency' || tone.frequencies.length > 1) return undefined;
    const { hz } = this.#wanted;
    const off = Math.abs(tone.frequencies[0] - hz) / (HZ_PART * hz + HZ);
    return off <= 1 ? toneDetection('tone', tone, 1 - off / 2) : undefined;
  }
}

function toneDetection(what: string, tone: Readonly<Tone>, score: number): Detection {
  return {
    what,
    reference: tone.frequencies.map((hz) => String(Math.round(hz))).join('+'),
    score: roundScore(score),
    startMs: tone.startMs,
    endMs: tone.endMs,
    levelDbfs: tone.levelDbfs,
    frequencies: tone.frequencies.map(Math.round),
  };
}
