import type { LoadPlan } from './plan';
import { type PlannedStart, schedule, stageSpans } from './schedule';
import { type LoadSlice, startsOfSlice } from './slices';

/** Slices that are known at once are those that run and the next ones. */
const KEPT_SLICES = 20;

/** Whose part of a load it is, and with how many cases at once. */
export type LoadPart = Pick<LoadPlan, 'shard' | 'maxCalls'>;

/** The starts that a run has still to do: all of its schedule, or those of the slices that it was given so far. */
export class StartQueue {
  readonly #slices: { slice: LoadSlice; starts: Generator<PlannedStart> }[] = [];
  readonly #schedule: Generator<PlannedStart> | undefined;
  /** The latest slices. */
  readonly #latest: LoadSlice[] = [];
  /** The slice of the start that came last. */
  #current: LoadSlice | undefined;
  #endMs: number;

  constructor(private readonly plan: LoadPlan) {
    this.#schedule = plan.sliced ? undefined : schedule(plan.stages, plan.shard);
    this.#endMs = stageSpans(plan.stages).at(-1)?.endMs ?? 0;
  }

  /** When nothing further can come, milliseconds since the beginning. */
  get endMs(): number {
    return this.#endMs;
  }

  /** When the slice of the start that came last is over; infinite without slices. */
  get sliceEndMs(): number {
    return this.#current?.toMs ?? Infinity;
  }

  /** Undefined when there is none, or none yet. */
  next(): PlannedStart | undefined {
    if (this.#schedule) return this.#schedule.next().value as PlannedStart | undefined;
    for (let [first] = this.#slices; first; [first] = this.#slices) {
      const start = first.starts.next().value as PlannedStart | undefined;
      this.#current = first.slice;
      if (start) return start;
      this.#slices.shift();
    }
    return undefined;
  }

  /** What is to be done at that time; nothing when undefined. */
  partAt(ms: number): LoadPart | undefined {
    if (this.#schedule) return this.plan;
    const slice = this.#latest.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs);
    return slice && { shard: slice.shard, maxCalls: Math.min(slice.maxCalls, this.plan.maxCalls) };
  }

  add(slice: LoadSlice): void {
    const { stages, total } = this.plan;
    this.#slices.push({ slice, starts: startsOfSlice(stages, slice, total) });
    this.#latest.push(slice);
    // A run may take days.
    if (this.#latest.length > KEPT_SLICES) this.#latest.shift();
    if (slice.last) this.#endMs = slice.toMs;
  }
}
