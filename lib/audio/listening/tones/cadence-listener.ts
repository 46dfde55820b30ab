import type { Detection } from '../detector';
import { fitCadence, type HeardTone } from './cadence';
import { isUsual, type TonePattern } from './tone-patterns';
import type { Tone } from './tone-run';

/** Tones that are remembered: more than any cadence has. */
const MOST_TONES = 32;
/** Shortest tone of a cadence, ms. */
const LEAST_MS = 45;
/** Candidates that are told. */
const MOST_CANDIDATES = 5;
/** A tone whose cadence most countries do not use so is told after those that do. */
const UNUSUAL = 0.3;
/** A cadence that fits so well is decided for at once; others when none has fitted better for some time, ms. */
const CERTAIN = 0.9;
const DOUBT_MS = 500;

interface Fit {
  pattern: TonePattern;
  score: number;
  rank: number;
  startMs: number;
}

/** Finds cadences in the tones of a `ToneTracker`. */
export class CadenceListener {
  readonly #patterns: readonly TonePattern[];
  readonly #early: boolean;
  readonly #heard: HeardTone[] = [];
  /** The cadence that fits best so far, how well, and since when one fits. */
  #likely: Detection | undefined;
  #likelyRank = 0;
  #likelySinceMs = 0;

  /** @param early a first ring is enough. */
  constructor(patterns: readonly TonePattern[], early: boolean) {
    this.#patterns = patterns;
    this.#early = early;
  }

  /** The cadence that fits best although it is not certain. */
  get likely(): Detection | undefined {
    return this.#likely;
  }

  toneEnded(tone: Readonly<Tone>): void {
    if (tone.endMs - tone.startMs < LEAST_MS) return;
    if (this.#heard.length === MOST_TONES) this.#heard.shift();
    this.#heard.push(heardTone(tone));
  }

  /**
   * The cadence that is certain now; undefined before.
   *
   * @param tone that sounds now, if one does.
   */
  decide(tone: Readonly<Tone> | undefined, nowMs: number): Detection | undefined {
    const sounding = tone && heardTone(tone);
    const last = sounding ?? this.#heard.at(-1);
    if (!last) return undefined;
    const fits: Fit[] = [];
    for (const pattern of this.#patterns) {
      const fit = fitCadence(pattern, this.#heard, sounding, nowMs, this.#early);
      if (fit) fits.push({ ...fit, pattern, rank: fit.score - (isUsual(pattern) ? 0 : UNUSUAL) });
    }
    fits.sort((a, b) => b.rank - a.rank);
    if (fits.length > 0 && (!this.#likely || fits[0].rank > this.#likelyRank)) {
      if (!this.#likely) this.#likelySinceMs = nowMs;
      this.#likely = detectionOf(fits, last);
      this.#likelyRank = fits[0].rank;
    }
    const isCertain = this.#likelyRank >= CERTAIN || nowMs - this.#likelySinceMs >= DOUBT_MS;
    return this.#likely && isCertain ? this.#likely : undefined;
  }
}

function detectionOf(fits: readonly Fit[], last: HeardTone): Detection {
  const [{ pattern, score, startMs }] = fits;
  return {
    what: pattern.kind === 'other' ? 'tone' : pattern.kind,
    reference: pattern.name,
    score: roundScore(score),
    startMs,
    endMs: last.endMs,
    levelDbfs: last.levelDbfs,
    frequencies: last.frequencies.map(Math.round),
    candidates: fits
      .slice(0, MOST_CANDIDATES)
      .map((fit) => ({ reference: fit.pattern.name, score: roundScore(fit.score) })),
  };
}

function heardTone({ startMs, endMs, frequencies, levelDbfs }: Readonly<Tone>): HeardTone {
  return { startMs, endMs, frequencies, levelDbfs, cut: startMs < 20 };
}

/** A score of three digits between 0 and 1. */
export function roundScore(score: number): number {
  return Math.round(Math.max(0, Math.min(1, score)) * 1000) / 1000;
}
