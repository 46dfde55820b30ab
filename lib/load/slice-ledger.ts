import type { LoadReport } from './report';
import { callSecondsOf, countOfSlice, lengthOfRun, type LoadSlice } from './slices';
import type { Stage } from './stages';

/** Slices of short runs, and of those of more than ten minutes, milliseconds. */
const SLICE_MS = { short: 5000, long: 10_000 } as const;
const LONG_RUN_MS = 600_000;

/** A slice and who got it, from 0; nobody when it was held back. */
export interface GivenSlice {
  slot?: number;
  slice: LoadSlice;
}

/** What a run hands out, to whom, and what of it has come back. */
export class SliceLedger {
  readonly sliceMs: number;
  /** Milliseconds from the beginning to the end of the run. */
  readonly lengthMs: number;
  readonly #given: GivenSlice[] = [];
  #next = 0;

  /**
   * @param atOnce cases at once of the whole run
   * @param total starts of the whole run, at most
   */
  constructor(
    private readonly stages: readonly Stage[],
    private readonly atOnce: number,
    private readonly total = Infinity,
  ) {
    this.lengthMs = lengthOfRun(stages, total);
    this.sliceMs = this.lengthMs > LONG_RUN_MS ? SLICE_MS.long : SLICE_MS.short;
  }

  /** When the next slice begins, milliseconds since the beginning; undefined when all are handed out. */
  get nextMs(): number | undefined {
    const fromMs = this.#next * this.sliceMs;
    return fromMs < this.lengthMs ? fromMs : undefined;
  }

  /** Divides the next slice among those that are well. */
  give(slots: readonly number[]): GivenSlice[] {
    const number = this.#next;
    const fromMs = number * this.sliceMs;
    const toMs = Math.min(fromMs + this.sliceMs, this.lengthMs);
    const last = toMs >= this.lengthMs;
    const slice = (index: number, count: number): LoadSlice => ({
      number,
      fromMs,
      toMs,
      shard: { index, count },
      maxCalls: Math.ceil(this.atOnce / count),
      last,
    });
    const given: GivenSlice[] =
      slots.length === 0
        ? [{ slice: slice(0, 1) }]
        : slots.map((slot, index) => ({ slot, slice: slice(index, slots.length) }));
    this.take(given);
    return given;
  }

  /** Notes slices that were handed out before, in order. */
  take(given: readonly GivenSlice[]): void {
    this.#given.push(...given);
    this.#next = Math.max(this.#next, ...given.map(({ slice }) => slice.number + 1));
  }

  /** Starts that were held back because nobody was well. @param untilMs when the run ended */
  heldBack(untilMs = Infinity): number {
    return this.#count(undefined, untilMs);
  }

  /** Starts of a slot that its report does not have. @param untilMs when the run ended */
  lost(slot: number, report: LoadReport | undefined, untilMs = Infinity): number {
    const kinds = this.stages.map(({ kind }) => kind);
    const told = (report?.stages ?? []).reduce((sum, { figures: { counters } }, index) => {
      return kinds[index] === 'rate' ? sum + counters.started + counters.leftOut : sum;
    }, 0);
    return Math.max(0, this.#count(slot, untilMs) - told);
  }

  /**
   * Seconds of calls at once that were missing in stages with a fixed number of them.
   *
   * @param slot of a worker that was lost; nobody: what was held back
   * @param toldMs up to where its report tells of it, milliseconds since the beginning
   * @param untilMs when the run ended
   */
  missingCallSeconds(slot: number | undefined, toldMs = 0, untilMs = Infinity): number {
    return this.#slices(slot, untilMs)
      .map((slice) => ({ ...slice, fromMs: Math.max(slice.fromMs, toldMs) }))
      .reduce((sum, slice) => sum + callSecondsOf(this.stages, slice), 0);
  }

  #count(slot: number | undefined, untilMs: number): number {
    return this.#slices(slot, untilMs).reduce(
      (sum, slice) => sum + countOfSlice(this.stages, slice, this.total),
      0,
    );
  }

  #slices(of: number | undefined, untilMs: number): LoadSlice[] {
    return this.#given
      .filter(({ slot }) => slot === of)
      .map(({ slice }) => ({ ...slice, toMs: Math.min(slice.toMs, untilMs) }));
  }
}
