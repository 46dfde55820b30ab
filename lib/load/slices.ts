import {
  callsOfShard,
  plannedStarts,
  type PlannedStart,
  type Shard,
  stageSpans,
  startOffsetMs,
  type StageSpan,
} from './schedule';
import type { Stage } from './stages';

/** A stretch of a run that is handed out while the run goes on. */
export interface LoadSlice {
  /** From 0, in order of time. */
  number: number;
  /** Milliseconds since the beginning of the run; what is planned at `toMs` is no part of it. */
  fromMs: number;
  toMs: number;
  /** Whose starts: start n is done by shard n modulo the number of shards. Another slice may have other shards. */
  shard: Shard;
  /** Cases at once from here on, within what the plan allows. */
  maxCalls: number;
  /** Nothing comes after it. */
  last: boolean;
}

type Stretch = Pick<LoadSlice, 'fromMs' | 'toMs' | 'shard'>;

/** The starts of rate stages in a slice, in order. @param total starts of the whole run, at most */
export function* startsOfSlice(
  stages: readonly Stage[],
  slice: Stretch,
  total = Infinity,
): Generator<PlannedStart> {
  const { index: own, count } = slice.shard;
  for (const { span, place, first, begin, end } of stretches(stages, slice)) {
    const { stage, beginMs } = span;
    if (stage.kind !== 'rate') continue;
    const skip = (((own - first - begin) % count) + count) % count;
    for (let index = begin + skip; index < end; index += count) {
      if (first + index >= total) return;
      yield { number: first + index, atMs: beginMs + startOffsetMs(stage, index), stage: place };
    }
  }
}

/** Number of the starts of `startsOfSlice`. */
export function countOfSlice(stages: readonly Stage[], slice: Stretch, total = Infinity): number {
  const { index, count } = slice.shard;
  // Numbers of the shard below a border.
  const below = (border: number): number => Math.max(0, Math.ceil((border - index) / count));
  let sum = 0;
  for (const { first, begin, end } of stretches(stages, slice)) {
    const [from, to] = [first + begin, first + end].map((number) => Math.min(number, total));
    sum += below(to) - below(from);
  }
  return sum;
}

/** Seconds of calls that stages with a fixed number of them keep up between two times, by a shard. */
export function callSecondsOf(
  stages: readonly Stage[],
  { fromMs, toMs, shard }: Stretch = { fromMs: 0, toMs: Infinity, shard: { index: 0, count: 1 } },
): number {
  return stageSpans(stages).reduce((sum, { stage, beginMs, endMs }) => {
    if (stage.kind !== 'calls') return sum;
    const ms = Math.min(endMs, toMs) - Math.max(beginMs, fromMs);
    return sum + (Math.max(0, ms) / 1000) * callsOfShard(stage.calls, shard);
  }, 0);
}

/** Milliseconds from the beginning to the end of a run: that of its stages, or the last start that `total` allows. */
export function lengthOfRun(stages: readonly Stage[], total = Infinity): number {
  const spans = stageSpans(stages);
  let first = 0;
  for (const { stage, beginMs } of spans) {
    if (stage.kind !== 'rate') return spans.at(-1)?.endMs ?? 0;
    const count = plannedStarts(stage);
    if (total <= first + count) return beginMs + startOffsetMs(stage, total - first - 1) + 1;
    first += count;
  }
  return spans.at(-1)?.endMs ?? 0;
}

/** The part of each rate stage that lies in a stretch: indices of its starts, and the number of its first one. */
function* stretches(
  stages: readonly Stage[],
  { fromMs, toMs }: Stretch,
): Generator<{ span: StageSpan; place: number; first: number; begin: number; end: number }> {
  let first = 0;
  for (const [place, span] of stageSpans(stages).entries()) {
    if (span.stage.kind !== 'rate') continue;
    const [begin, end] = [fromMs, toMs].map((ms) => indexAt(span, ms));
    if (begin < end) yield { span, place, first, begin, end };
    first += plannedStarts(span.stage);
  }
}

/** Index of the first start of a rate stage that is at that time or later. */
function indexAt({ stage, beginMs }: StageSpan, ms: number): number {
  if (stage.kind !== 'rate') return 0;
  let [low, high] = [0, plannedStarts(stage)];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (beginMs + startOffsetMs(stage, middle) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
