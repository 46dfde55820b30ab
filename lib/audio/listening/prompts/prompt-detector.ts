import { SipflowError } from '../../../common';
import type { Detector } from '../detector';
import { CoarseSearch } from './coarse-search';
import { HeardFrames } from './heard-frames';
import { judge, type Judgement } from './judgement';
import type { NamedReference, PromptDetection } from './types';

/** Most references of one detector, and the most audio that they may have together. */
const MOST_REFERENCES = 1000;
const MOST_AUDIO_MS = 20 * 60_000;
/** Coarse likeness from which on a place is looked at in detail. */
const WORTH_A_LOOK = 0.3;
/** Places looked at in detail each time that the detector is asked, the likeliest first. */
const LOOKS = 3;
/** Candidates that are reported. */
const MOST_CANDIDATES = 10;

export interface PromptOptions {
  /** Least score that counts as heard, 0 to 1; that of each reference when absent. */
  threshold?: number;
}

interface Listened {
  readonly named: NamedReference;
  readonly search: CoarseSearch;
  /** The best of it so far that was looked at. */
  best: Judgement | undefined;
}

/**
 * Tells which of some prompts is heard, while the audio comes. Each is searched for in a coarse way, and the likeliest
 * places are compared in detail; a prompt counts when its audible end has come.
 */
export class PromptDetector implements Detector {
  readonly #listened: readonly Listened[];
  readonly #frames: HeardFrames;
  readonly #threshold: number | undefined;

  /** @throws SipflowError BAD_AUDIO for no reference, and for too many. */
  constructor(references: readonly NamedReference[], options: PromptOptions = {}) {
    check(references);
    this.#threshold = options.threshold;
    this.#listened = references.map((named) => ({
      named,
      search: new CoarseSearch(named.prepared),
      best: undefined,
    }));
    const longest = Math.max(...references.map(({ prepared }) => prepared.frames));
    this.#frames = new HeardFrames(2 * Math.ceil(longest / 2) + 128);
  }

  push(pcm: Int16Array, offset: number, count: number, lost: boolean): void {
    for (let taken = 0; taken < count;) {
      taken += this.#frames.take(pcm, offset + taken, count - taken, lost);
      if (!this.#frames.complete()) continue;
      for (const { search } of this.#listened) search.step(this.#frames.coarse);
    }
  }

  poll(): PromptDetection | undefined {
    const hits = this.#listened
      .filter(({ search }) => search.best.score >= WORTH_A_LOOK)
      .sort((a, b) => b.search.best.score - a.search.best.score)
      .slice(0, LOOKS);
    let heard: Listened | undefined;
    for (const listened of hits) {
      const judgement = this.#look(listened);
      const { threshold } = listened.named.prepared;
      if (!judgement.complete || judgement.score < (this.#threshold ?? threshold)) continue;
      if (!heard?.best || judgement.score > heard.best.score) heard = listened;
    }
    for (const { search } of this.#listened) search.best.score = 0;
    return heard && this.#detection(heard);
  }

  best(): PromptDetection | undefined {
    const [nearest] = this.#byScore();
    return nearest && this.#detection(nearest);
  }

  end(): PromptDetection | undefined {
    return this.poll();
  }

  #look(listened: Listened): Judgement {
    const { prepared } = listened.named;
    const judgement = judge(prepared, this.#frames, prepared.segments.length - 1, listened.search.best.start);
    if (!listened.best || judgement.score > listened.best.score) listened.best = judgement;
    return judgement;
  }

  #byScore(): Listened[] {
    return this.#listened
      .filter(({ best }) => best !== undefined)
      .sort((a, b) => (b.best?.score ?? 0) - (a.best?.score ?? 0));
  }

  #detection({ named, best }: Listened): PromptDetection | undefined {
    if (!best) return undefined;
    const candidates = this.#byScore().map((one) => ({
      reference: one.named.name,
      score: rounded(one.best?.score ?? 0),
    }));
    const second = candidates.find(({ reference }) => reference !== named.name);
    const { prepared } = named;
    const startMs = best.soundStartMs - prepared.soundStartMs;
    return {
      what: 'prompt',
      reference: named.name,
      score: rounded(best.score),
      margin: rounded(best.score - (second?.score ?? 0)),
      startMs,
      endMs: best.soundEndMs + prepared.durationMs - prepared.soundEndMs,
      soundStartMs: best.soundStartMs,
      soundEndMs: best.soundEndMs,
      levelDbfs: best.levelDbfs,
      missingStartMs: best.missingStartMs,
      gapsMs: best.gapsMs,
      candidates: candidates.slice(0, MOST_CANDIDATES),
    };
  }
}

function check(references: readonly NamedReference[]): void {
  if (references.length === 0)
    throw new SipflowError('BAD_AUDIO', 'There is no reference to listen for.', { field: 'reference' });
  const total = references.reduce((sum, { prepared }) => sum + prepared.durationMs, 0);
  if (references.length <= MOST_REFERENCES && total <= MOST_AUDIO_MS) return;
  throw new SipflowError(
    'BAD_AUDIO',
    `There are ${references.length} references of ${Math.ceil(total / 60_000)} minutes together; at most ${MOST_REFERENCES} of ${MOST_AUDIO_MS / 60_000} minutes can be listened for at once.`,
    { field: 'reference' },
  );
}

function rounded(score: number): number {
  return Math.round(Math.max(0, score) * 1000) / 1000;
}
