import { SipflowError } from '../../../common';
import type { Detector } from '../detector';
import { CoarseSearch } from './coarse-search';
import { HeardFrames } from './heard-frames';
import { FRAME_MS, judge, type Judgement } from './judgement';
import type { NamedReference, PromptDetection } from './types';

/** Most references of one detector, and the most audio that they may have together. */
const MOST_REFERENCES = 1000;
const MOST_AUDIO_MS = 20 * 60_000;
/** Coarse likeness from which on a place is looked at in detail. */
const WORTH_A_LOOK = 0.38;
/** Places looked at in detail each time that the detector is asked, the likeliest first. */
const LOOKS = 3;
/** Candidates that are reported. */
const MOST_CANDIDATES = 10;
/** Frames of the stream kept beyond the longest reference. */
const SPARE_FRAMES = 128;
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
  /** Place whose end has not come yet: first frame of the last segment; −1 for none. */
  waiting: number;
  /** Coarse likeness of the part that was looked at last. */
  partial: number;
  /** The best of it so far. */
  best: Judgement | undefined;
}

interface Match {
  readonly listened: Listened;
  readonly judgement: Judgement;
  /** Whether it was held back for a decision already. */
  waited?: boolean;
}

/**
 * Tells which of some prompts is heard, while the audio comes. Each is searched for in a coarse way, and the likeliest
 * places are compared in detail. A prompt counts when its audible end has come, and when no longer one that begins alike
 * goes on.
 */
export class PromptDetector implements Detector {
  readonly #listened: readonly Listened[];
  readonly #frames: HeardFrames;
  readonly #threshold: number | undefined;
  /** What was heard, while a longer prompt goes on. */
  #held: Match | undefined;
  /** End of the last prompt that was reported, milliseconds. */
  #reportedUntil = -Infinity;

  /** @throws SipflowError BAD_AUDIO for no reference, and for too many. */
  constructor(references: readonly NamedReference[], options: PromptOptions = {}) {
    check(references);
    this.#threshold = options.threshold;
    this.#listened = references.map((named) => ({
      named,
      search: new CoarseSearch(named.prepared),
      waiting: -1,
      partial: 0,
      best: undefined,
    }));
    const longest = Math.max(...references.map(({ prepared }) => prepared.frames));
    this.#frames = new HeardFrames(2 * Math.ceil(longest / 2) + SPARE_FRAMES);
  }

  push(pcm: Int16Array, offset: number, count: number, lost: boolean): void {
    for (let taken = 0; taken < count;) {
      taken += this.#frames.take(pcm, offset + taken, count - taken, lost);
      if (!this.#frames.complete()) continue;
      for (const { search } of this.#listened) search.step(this.#frames.coarse);
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
    return this.#decide(true);
  }

  #decide(isEnd: boolean): PromptDetection | undefined {
    for (const listened of this.#mostLikely()) {
      const judgement = this.#look(listened, isEnd);
      if (judgement) this.#consider({ listened, judgement });
    }
    for (const { search } of this.#listened) search.best.score = 0;
    this.#lookAtPart();
    const held = this.#held;
    if (!held) return undefined;
    // What lacks its beginning may be the end of another one, which is found a moment later.
    const isHasty = held.judgement.missingStartMs > 0 && this.#listened.length > 1 && !held.waited;
    held.waited = true;
    if (!isEnd && (isHasty || this.#longerGoesOn(held))) return undefined;
    this.#held = undefined;
    this.#reportedUntil = held.judgement.soundEndMs;
    const detection = this.#detection(held);
    for (const listened of this.#listened) {
      listened.best = undefined;
      listened.waiting = -1;
      listened.partial = 0;
      listened.search.partial.score = 0;
    }
    return detection;
  }

  /** Those that wait for their end, and those that are most alike. */
  #mostLikely(): Listened[] {
    const scoreOf = ({ search, waiting }: Listened): number => search.best.score + (waiting >= 0 ? 1 : 0);
    return this.#listened
      .filter((listened) => scoreOf(listened) >= WORTH_A_LOOK)
      .sort((a, b) => scoreOf(b) - scoreOf(a))
      .slice(0, LOOKS);
  }

  /** Compares in detail; undefined when the end is still to come, or when it was reported already. */
  #look(listened: Listened, isEnd: boolean): Judgement | undefined {
    const { search, named, waiting } = listened;
    const isNew = search.best.score >= WORTH_A_LOOK;
    const start = isNew ? search.best.start : waiting;
    const judgement = judge(named.prepared, this.#frames, search.best.segment, start);
    listened.waiting = !isEnd && judgement.endFrame > this.#frames.count ? start : -1;
    if (listened.waiting >= 0 || this.#isReported(judgement)) return undefined;
    this.#remember(listened, judgement);
    return judgement;
  }

  /** Looks at the part of a reference that became most alike, for what is reported when nothing was heard. */
  #lookAtPart(): void {
    let likeliest: Listened | undefined;
    for (const listened of this.#listened) {
      const { score } = listened.search.partial;
      if (score < WORTH_A_LOOK || score <= listened.partial) continue;
      if (!likeliest || score > likeliest.search.partial.score) likeliest = listened;
    }
    if (!likeliest) return;
    const { search, named } = likeliest;
    likeliest.partial = search.partial.score;
    if (search.partial.segment === search.best.segment) return;
    const judgement = judge(named.prepared, this.#frames, search.partial.segment, search.partial.start);
    if (!this.#isReported(judgement)) this.#remember(likeliest, judgement);
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
        (waiting >= 0 || search.goesOn(began, this.#frames.count)) &&
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
