import type { RateStage, Stage } from './stages';

/** Share of a run that one of several machines or processes does: its index from 0, and their number. */
export interface Shard {
  index: number;
  count: number;
}

/** A planned start of a case. */
export interface PlannedStart {
  /** Number of the start in the whole run, from 0; the same on every shard. */
  number: number;
  /** Milliseconds since the beginning of the run. */
  atMs: number;
  /** Index of its stage. */
  stage: number;
}

/** Where a stage lies in the run. */
export interface StageSpan {
  stage: Stage;
  beginMs: number;
  endMs: number;
}

/** The stages one behind the other. */
export function stageSpans(stages: readonly Stage[]): StageSpan[] {
  let beginMs = 0;
  return stages.map((stage) => {
    const span = { stage, beginMs, endMs: beginMs + stage.seconds * 1000 };
    beginMs = span.endMs;
    return span;
  });
}

/**
 * Starts that a rate stage plans. A start that falls on the very end belongs to the stage after it.
 */
export function plannedStarts({ from, to, seconds }: RateStage): number {
  // The mean of the ramp; what binary fractions add to a whole number does not count as a start.
  return Math.ceil(((from + to) / 2) * seconds - 1e-9);
}

/**
 * Milliseconds from the beginning of a rate stage to its start number `index`, from 0. On a ramp the number of starts
 * until t is a·t + (b − a)·t²/2T, which is solved for t; the first start is at once unless the ramp begins with 0.
 */
export function startOffsetMs({ from, to, seconds }: RateStage, index: number): number {
  const slope = (to - from) / seconds;
  if (slope === 0) return (index / from) * 1000;
  const root = Math.sqrt(Math.max(0, from * from + 2 * slope * index));
  // This form of the solution does not cancel for small slopes.
  return index === 0 ? 0 : ((2 * index) / (from + root)) * 1000;
}

/**
 * The starts of the rate stages of a run, one after the other, as far as they are those of the shard: start n is done by
 * shard n modulo their number, so that all shards together are the run, and each follows every ramp.
 */
export function* schedule(
  stages: readonly Stage[],
  shard: Shard = { index: 0, count: 1 },
): Generator<PlannedStart> {
  let first = 0;
  for (const [place, { stage, beginMs }] of stageSpans(stages).entries()) {
    if (stage.kind !== 'rate') continue;
    const count = plannedStarts(stage);
    const skip = (((shard.index - first) % shard.count) + shard.count) % shard.count;
    for (let index = skip; index < count; index += shard.count) {
      yield { number: first + index, atMs: beginMs + startOffsetMs(stage, index), stage: place };
    }
    first += count;
  }
}

/** Calls at once that are the shard's in a stage of so many. */
export function callsOfShard(calls: number, { index, count }: Shard): number {
  return Math.floor(calls / count) + (index < calls % count ? 1 : 0);
}

/** Starts that the rate stages plan for a shard. */
export function startsOfShard(stages: readonly Stage[], shard: Shard, total = Infinity): number {
  return callsOfShard(Math.min(totalStarts(stages), total), shard);
}

/** Starts that the rate stages plan in all. */
export function totalStarts(stages: readonly Stage[]): number {
  return stages.reduce((sum, stage) => sum + (stage.kind === 'rate' ? plannedStarts(stage) : 0), 0);
}
