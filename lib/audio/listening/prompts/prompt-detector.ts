import { SipflowError } from '../../../common';
import type { Detector } from '../detector';
import { FRAME_MS } from './bands';
import { CoarseSearch } from './coarse-search';
import { HeardFrames } from './heard-frames';
import { judge, type Judgement } from './judgement';
import type { NamedReference, PromptDetection } from './types';

/** Most references of one detector, and the most audio that they may have together. */
const MOST_REFERENCES = 1000;
const MOST_AUDIO_MS = 20 * 60_000;
/** Coarse likeness from which on a place is looked at in detail. */
const WORTH_A_LOOK = 0.38;
/** Frames of the stream (0.1 s) after which places are chosen to be looked at in detail, and how many, the likeliest first. */
const FRAMES_PER_CHOICE = 6;
const LOOKS = 2;
/** Candidates that are reported. */
const MOST_CANDIDATES = 10;
/** Frames of the stream kept beyond the longest reference, whose pauses may be longer: 4 s. */
const SPARE_FRAMES = 256;
/** References that begin within this time of each other begin together. */
const TOGETHER_MS = 150;
/** A longer prompt is preferred to a shorter one that it begins with, unless it is this much less alike. */
const PREFERENCE = 0.15;

/** Prompts whose lengths differ by less do not begin one with the other: 0.25 s. */
const SHARED_END_FRAMES = 16;

export interface PromptOptions {
  /** Least score that counts as heard, 0 to 1. Otherwise it follows from how much of a reference was heard. */
  threshold?: number;
}

interface Listened {
  readonly named: NamedReference;
  readonly search: CoarseSearch;
  /** Place whose end has not come yet: first frame of the last segment, and the frame of the end; undefined for none. */
  waiting: { start: number; until: number } | undefined;
  /** Coarse likeness of the part that was looked at last. */
  partial: number;
  /** The best of it so far. */
  best: Judgement | undefined;
}

/** A place that is to be looked at in detail: a segment of a prompt, and its first frame in the stream. */
interface Place {
  readonly listened: Listened;
  readonly segment: number;
  readonly start: number;
  /** Only for what is reported when nothing was heard. */
  readonly isPart: boolean;
}

interface Match {
  readonly listened: Listened;
  readonly judgement: Judgement;
  /** Whether it was held back for a decision already. */
  waited?: boolean;
}

/**
 * Tells which of some prompts is heard, while the audio comes. Each is searched for in a coarse way, and the likeliest
 * places are compared in detail, one with each frame, so that no step takes long. A prompt counts when its audible end has
 * come, and when no longer one that begins alike goes on.
 */
export class PromptDetector implements Detector {
  readonly #listened: readonly Listened[];
  readonly #frames: HeardFrames;
  readonly #threshold: number | undefined;
  /** What was heard, while a longer prompt goes on. */
  #held: Match | undefined;
  /** Places that wait to be looked at, the likeliest first. */
  #places: Place[] = [];
  /** End of the last prompt that was reported, milliseconds. */
  #reportedUntil = -Infinity;

  /** @throws SipflowError BAD_AUDIO for no reference, and for too many. */
  constructor(references: readonly NamedReference[], options: PromptOptions = {}) {
    check(references);
    this.#threshold = options.threshold;
    this.#listened = references.map((named) => ({
      named,
      search: new CoarseSearch(named.prepared),
      waiting: undefined,
      partial: 0,
      best: undefined,
    }));
    const longest = Math.max(...references.map(({ prepared }) => prepared.frames));
    this.#frames = new HeardFrames(2 * Math.ceil(longest / 2) + SPARE_FRAMES);
  }

  push(pcm: Int16Array, offset: number, count: number, lost: boolean): void {
    for (let taken = 0; taken < count;) {
      taken += this.#frames.take(pcm, offset + taken, count - taken, lost);
      const before = this.#frames.count;
      if (this.#frames.complete()) for (const { search } of this.#listened) search.step(this.#frames.coarse);
      if (this.#frames.count === before) continue;
      if (this.#frames.count % FRAMES_PER_CHOICE === 0) this.#choose(LOOKS);
      const place = this.#places.shift();
      if (place) this.#look(place, false);
    }
  }

  poll(): PromptDetection | undefined {
    return this.#decide(false);
  }

  best(): PromptDetection | undefined {
    const [nearest] = this.#byScore();
    return nearest?.best && this.#detection({ listened: nearest, judgement: nearest.best });
  }

  end(): PromptDetection | undefined {
    this.#choose(this.#listened.length);
    for (const place of this.#places.splice(0)) this.#look(place, true);
    return this.#decide(true);
  }

  #decide(isEnd: boolean): PromptDetection | undefined {
    const held = this.#held;
    if (!held) return undefined;
    // What lacks its beginning may be the end of another one, which is found a moment later.
    const isHasty = held.judgement.missingStartMs > 0 && this.#listened.length > 1 && !held.waited;
    held.waited = true;
    if (!isEnd && (isHasty || this.#longerGoesOn(held))) return undefined;
    this.#held = undefined;
    this.#places = [];
    this.#reportedUntil = held.judgement.soundEndMs;
    const detection = this.#detection(held);
    for (const listened of this.#listened) {
      listened.best = undefined;
      listened.waiting = undefined;
      listened.partial = 0;
      listened.search.partial.score = 0;
    }
    return detection;
  }

  /** Chooses the places that are looked at next: those whose end has come now, and those that are most alike. */
  #choose(most: number): void {
    const isNew = ({ search }: Listened): boolean => search.best.score >= WORTH_A_LOOK;
    const isDue = ({ waiting }: Listened): boolean =>
      waiting !== undefined && (most > LOOKS || this.#frames.count >= waiting.until);
    const scoreOf = (one: Listened): number => one.search.best.score + (isDue(one) ? 1 : 0);
    const chosen = this.#listened.filter((one) => isNew(one) || isDue(one));
    chosen.sort((a, b) => scoreOf(b) - scoreOf(a));
    for (const listened of chosen.slice(0, most)) {
      const { search, waiting } = listened;
      const start = isNew(listened) || !waiting ? search.best.start : waiting.start;
      this.#places.push({ listened, segment: search.best.segment, start, isPart: false });
    }
    for (const { search } of this.#listened) search.best.score = 0;
    this.#choosePart();
  }

  /** Chooses the part of a prompt that became most alike. */
  #choosePart(): void {
    let likeliest: Listened | undefined;
    for (const listened of this.#listened) {
      const { score } = listened.search.partial;
      if (score < WORTH_A_LOOK || score <= listened.partial) continue;
      if (!likeliest || score > likeliest.search.partial.score) likeliest = listened;
    }
    if (!likeliest) return;
    const { segment, start, score } = likeliest.search.partial;
    likeliest.partial = score;
    if (segment === likeliest.search.best.segment) return;
    this.#places.push({ listened: likeliest, segment, start, isPart: true });
  }

  /** Compares in detail; what has no end yet waits for it, and what was reported already is left out. */
  #look({ listened, segment, start, isPart }: Place, isEnd: boolean): void {
    const judgement = judge(listened.named.prepared, this.#frames, segment, start);
    if (!isPart) {
      const isWaiting = !isEnd && judgement.endFrame > this.#frames.count;
      listened.waiting = isWaiting ? { start, until: judgement.endFrame } : undefined;
      if (isWaiting) return;
    }
    if (this.#isReported(judgement)) return;
    this.#remember(listened, judgement);
    if (!isPart) this.#consider({ listened, judgement });
  }

  #isReported({ soundStartMs, soundEndMs }: Judgement): boolean {
    return (soundStartMs + soundEndMs) / 2 < this.#reportedUntil;
  }

  #remember(listened: Listened, judgement: Judgement): void {
    if (!listened.best || worth(judgement) > worth(listened.best)) listened.best = judgement;
  }

  #consider(match: Match): void {
    const { judgement } = match;
    if (!judgement.complete || judgement.score < (this.#threshold ?? judgement.threshold)) return;
    if (!this.#held) {
      this.#held = match;
      return;
    }
    const held = this.#held;
    const longer = match.listened.named.prepared.frames - held.listened.named.prepared.frames;
    const gain = judgement.score - held.judgement.score;
    if (longer > SHARED_END_FRAMES ? gain > -PREFERENCE : gain > 0) this.#held = match;
  }

  /** Whether a longer prompt that began where this one did may still be going on. */
  #longerGoesOn({ listened, judgement }: Match): boolean {
    const began = Math.round(judgement.soundStartMs / FRAME_MS);
    return this.#listened.some(
      ({ named, search, waiting, best }) =>
        named.prepared.frames > listened.named.prepared.frames &&
        (waiting !== undefined || search.goesOn(began, this.#frames.count)) &&
        !(best?.complete && Math.abs(best.soundStartMs - judgement.soundStartMs) < TOGETHER_MS),
    );
  }

  #byScore(): Listened[] {
    return this.#listened
      .filter(({ best }) => best !== undefined)
      .sort((a, b) => (b.best?.score ?? 0) - (a.best?.score ?? 0));
  }

  #detection({ listened, judgement }: Match): PromptDetection {
    const { name, prepared } = listened.named;
    const others = this.#byScore().filter((one) => one !== listened);
    const candidates = [
      { reference: name, score: rounded(judgement.score) },
      ...others.map((one) => ({ reference: one.named.name, score: rounded(one.best?.score ?? 0) })),
    ].sort((a, b) => b.score - a.score);
    return {
      what: 'prompt',
      reference: name,
      score: rounded(judgement.score),
      margin: rounded(judgement.score - (others[0]?.best?.score ?? 0)),
      startMs: judgement.soundStartMs - prepared.soundStartMs,
      endMs: judgement.soundEndMs + prepared.durationMs - prepared.soundEndMs,
      soundStartMs: judgement.soundStartMs,
      soundEndMs: judgement.soundEndMs,
      levelDbfs: Math.round(judgement.levelDbfs * 10) / 10,
      missingStartMs: judgement.missingStartMs,
      missingEndMs: judgement.missingEndMs,
      gapsMs: judgement.gapsMs,
      candidates: candidates.slice(0, MOST_CANDIDATES),
    };
  }
}

function worth({ score, complete }: Judgement): number {
  return score + (complete ? 1e-3 : 0);
}

function check(references: readonly NamedReference[]): void {
  if (references.length === 0) {
    throw new SipflowError('BAD_AUDIO', 'There is no reference to listen for.', { field: 'reference' });
  }
  const total = references.reduce((sum, { prepared }) => sum + prepared.durationMs, 0);
  if (references.length <= MOST_REFERENCES && total <= MOST_AUDIO_MS) return;
  throw new SipflowError(
    'BAD_AUDIO',
    `There are ${references.length} references of ${Math.ceil(total / 60_000)} minutes together; at most ${MOST_REFERENCES} of ${MOST_AUDIO_MS / 60_000} minutes can be listened for at once.`,
    { field: 'reference' },
  );
}

function rounded(score: number): number {
  return Math.round(score * 1000) / 1000;
}
