import type { Clock, TimerHandle } from '../common';
import type { LoadHost, LoadStart } from './host';
import { KeptCalls } from './kept-calls';
import type { LoadOutcome } from './outcome';
import { assertPlan, type LoadPlan } from './plan';
import type { LoadEnd, LoadReport } from './report';
import { RowOrder } from './rows';
import { judgedFigures, runReport } from './run-report';
import { SampleSeries } from './samples';
import { callsOfShard, type PlannedStart, stageSpans, totalStarts } from './schedule';
import type { LoadSlice } from './slices';
import { StageLog } from './stage-log';
import { StartQueue } from './start-queue';
import { OpenSecond } from './second';
import { judgeThreshold } from './thresholds';

/** A start that is later than this is left out: to catch up would be a burst that nobody planned. */
const LATEST_MS = 1000;
const SECOND_MS = 1000;
/** The last start of a slice may be some milliseconds late. */
const SLICE_MARGIN_MS = 50;

/**
 * One load run: starts cases by the schedule of its plan, whatever becomes of those that run (open loop), counts, and
 * judges each stage. It does nothing by itself but look at the clock; `host` makes the calls.
 */
export class LoadRun {
  readonly #logs: StageLog[];
  readonly #rows: RowOrder;
  readonly #samples = new SampleSeries();
  readonly #planned: StartQueue;
  #next: PlannedStart | undefined;
  #beganMs = 0;
  #beganAt = 0;
  #started = 0;
  #running = 0;
  /** Numbers of starts of the stages with a fixed number of calls, which follow those of all schedules. */
  #further: number;
  #second = new OpenSecond();
  #timer: TimerHandle | undefined;
  #ticker: TimerHandle | undefined;
  /** Of the stages with a fixed number of calls. */
  readonly #waiting = new Set<TimerHandle>();
  #planOver = false;
  /** Slices that were given before the run began. */
  readonly #early: LoadSlice[] = [];
  /** Starts of this shard after which the run ends. */
  readonly #total: number;
  #end: LoadReport['end'] | undefined;
  #over: (() => void) | undefined;
  /** When the second that runs is over, milliseconds since the beginning. */
  #dueMs = SECOND_MS;
  #finished = false;
  /** The figures are final. */
  #closed = false;

  /** @throws SipflowError BAD_CONFIG for a plan that makes no sense */
  constructor(
    private readonly plan: LoadPlan,
    private readonly host: LoadHost,
    private readonly clock: Clock,
  ) {
    assertPlan(plan);
    this.#logs = stageSpans(plan.stages).map((span) => new StageLog(span));
    this.#rows = new RowOrder(plan.rows, plan.rowsOrder, plan.seed);
    this.#planned = new StartQueue(plan);
    // The total of rate stages ends slices; where a number of calls is kept up, nobody knows it before.
    const isCounted = !plan.sliced || plan.stages.some(({ kind }) => kind === 'calls');
    this.#total = plan.total === undefined || !isCounted ? Infinity : callsOfShard(plan.total, plan.shard);
    this.#further = totalStarts(plan.stages) + plan.shard.index;
  }

  /** Cases under way. */
  get running(): number {
    return this.#running;
  }

  /** Runs to the end, and resolves with the report. To be called once. */
  async run(): Promise<LoadReport> {
    this.#beganAt = this.clock.wallNow();
    if (this.plan.probe && !(await this.#probed())) return this.#report();
    const beginAt = await this.host.ready?.();
    if (this.#end) return this.#report();
    this.#beganAt = beginAt ?? this.clock.wallNow();
    this.#beganMs = this.clock.now() - (this.clock.wallNow() - this.#beganAt);
    // What the generator did before the run is none of its figures.
    this.host.health();
    this.#next = this.#planned.next();
    const over = new Promise<void>((resolve) => (this.#over = resolve));
    this.#ticker = this.clock.setTimeout(() => this.#tick(SECOND_MS), SECOND_MS);
    for (const slice of this.#early) this.#watchSlice(slice);
    for (const stage of this.#logs.keys()) this.#keepCalls(stage);
    this.#advance();
    await over;
    await this.host.endCalls();
    if (!this.#second.isEmpty) this.#closeSecond(this.#dueMs, true);
    this.#closed = true;
    return this.#report();
  }

  /** Ends the run early: nothing more starts, and calls that stand are ended. */
  stop(reason: LoadEnd = 'interrupted', message?: string): void {
    if (this.#finished) return;
    this.#end ??= message === undefined ? { reason } : { reason, message };
    this.#finish();
  }

  /** Hands out a slice of a plan that is `sliced`. They come in order of time; what is over by then is dropped. */
  grant(slice: LoadSlice): void {
    if (this.#planOver) return;
    this.#planned.add(slice);
    if (!this.#over) {
      this.#early.push(slice);
      return;
    }
    if (slice.toMs <= this.#nowMs) this.#dropCalls(slice);
    this.#watchSlice(slice);
    if (this.#next && !slice.last) return;
    this.clock.clearTimeout(this.#timer);
    this.#next ??= this.#planned.next();
    this.#advance();
  }

  /** The report as if the run ended now. */
  get soFar(): LoadReport {
    return this.#report();
  }

  get #nowMs(): number {
    return this.clock.now() - this.#beganMs;
  }

  async #probed(): Promise<boolean> {
    const number = this.plan.shard.index;
    const row = this.#rows.row(number);
    const outcome = await this.#outcome({
      number,
      stage: 0,
      probe: true,
      ...(row === undefined ? {} : { row }),
    });
    if (this.#end) return false;
    if (outcome.status === 'passed') return true;
    const cause = outcome.cause === undefined ? '' : ` (${outcome.cause})`;
    this.#end = {
      reason: 'probe-failed',
      message: `The first case ${outcome.status}${cause}, so the run did not start.`,
    };
    return false;
  }

  #watchSlice(slice: LoadSlice): void {
    this.#at(slice.toMs + SLICE_MARGIN_MS, () => this.host.sliceOver?.(slice));
  }

  /** Starts all that is due, and waits for what is next. */
  #advance(): void {
    if (this.#planOver) return;
    while (this.#next && this.#next.atMs <= this.#nowMs) {
      const { number, atMs, stage } = this.#next;
      // Whoever handed out a slice counts it as lost by then.
      const isDropped = this.#nowMs > this.#planned.sliceEndMs + LATEST_MS;
      if (!isDropped) this.#begin(stage, number, this.#nowMs - atMs);
      if (this.#planOver) return;
      this.#next = this.#planned.next();
    }
    const until = this.#next?.atMs ?? this.#endMs;
    if (!this.#next && this.#nowMs >= this.#endMs) return this.#drain();
    this.#timer = this.clock.setTimeout(() => this.#advance(), Math.max(0, until - this.#nowMs));
  }

  /** Cases at once that are allowed now. */
  get #maxCalls(): number {
    return this.#planned.partAt(this.#nowMs)?.maxCalls ?? this.plan.maxCalls;
  }

  get #endMs(): number {
    return this.#planned.endMs;
  }

  /** Keeps the calls of a stage up, when it has a fixed number of them. */
  #keepCalls(stage: number): void {
    const { span } = this.#logs[stage];
    if (span.stage.kind !== 'calls') return;
    const kept = new KeptCalls(span.stage.calls, span.endMs, {
      moment: () => ({
        nowMs: this.#nowMs,
        running: this.#running,
        isOver: this.#planOver,
        part: this.#planned.partAt(this.#nowMs),
      }),
      begin: (ended) => {
        const number = this.#further;
        this.#further += this.plan.shard.count;
        this.#begin(stage, number, 0, ended);
      },
      leftOut: (count) => this.#leftOut(stage, count),
      later: (act, ms) => this.#later(act, ms),
    });
    this.#at(span.beginMs, () => kept.begin());
  }

  #leftOut(stage: number, count: number): void {
    this.#logs[stage].figures.leftOut(count);
    this.#second.leftOut += count;
  }

  /** The calls that a slice which is over should have kept up. */
  #dropCalls({ fromMs, toMs, shard }: LoadSlice): void {
    for (const [index, { span }] of this.#logs.entries()) {
      const { stage, beginMs, endMs } = span;
      if (stage.kind !== 'calls' || toMs <= beginMs || fromMs >= endMs) continue;
      this.#leftOut(index, callsOfShard(stage.calls, shard));
    }
  }

  /** @param ms since the beginning of the run */
  #at(ms: number, act: () => void): void {
    this.#later(act, Math.max(0, ms - this.#nowMs));
  }

  #later(act: () => void, ms: number): void {
    const timer = this.clock.setTimeout(() => {
      this.#waiting.delete(timer);
      act();
    }, ms);
    this.#waiting.add(timer);
  }

  #begin(stage: number, number: number, lateMs: number, ended?: () => void): void {
    const log = this.#logs[stage];
    const { figures } = log;
    const maxCalls = this.#maxCalls;
    const row = this.#rows.row(number);
    if (this.#started >= this.#total || number >= this.#rows.limit) {
      this.#drain();
      return;
    }
    const isFull = this.#running >= maxCalls;
    if (isFull) log.casesAtOnce = maxCalls;
    if (isFull || lateMs > LATEST_MS) {
      this.#leftOut(stage, 1);
      return;
    }
    this.#started += 1;
    this.#running += 1;
    figures.started(lateMs);
    this.#second.begun(lateMs);
    const start: LoadStart = { number, stage, probe: false, ...(row === undefined ? {} : { row }) };
    void this.#outcome(start).then((outcome) => {
      this.#running -= 1;
      this.#ended(stage, outcome);
      ended?.();
      if (this.#planOver && this.#running === 0) this.#finish();
    });
  }

  async #outcome(start: LoadStart): Promise<LoadOutcome> {
    try {
      return await this.host.start(start);
    } catch {
      return { status: 'failed', cause: 'INTERNAL', calls: [] };
    }
  }

  #ended(stage: number, outcome: LoadOutcome): void {
    if (this.#closed) return;
    this.#logs[stage].figures.ended(outcome);
    this.#second.ended(outcome);
  }

  /** A second is over. @param dueMs when it was */
  #tick(dueMs: number): void {
    const next = dueMs + SECOND_MS;
    this.#dueMs = next;
    this.#ticker = this.clock.setTimeout(() => this.#tick(next), Math.max(0, next - this.#nowMs));
    this.#closeSecond(dueMs);
    this.#lookAtAbortRules();
  }

  /** @param dueMs when it was over, or would have been */
  #closeSecond(dueMs: number, isLast = false): void {
    const second = this.#second;
    this.#second = new OpenSecond();
    const middle = dueMs - SECOND_MS / 2;
    const found = this.#logs.findIndex(({ span }) => middle < span.endMs);
    const stage = found < 0 ? this.#logs.length - 1 : found;
    const health = this.host.health(isLast);
    if (found >= 0) this.#logs[stage].second(second, health);
    const sample = second.sample({ atMs: dueMs - SECOND_MS, stage, running: this.#running, health });
    this.#samples.add(sample);
    this.host.sampled?.(sample);
  }

  #lookAtAbortRules(): void {
    const { abortRules } = this.plan;
    if (abortRules.length === 0 || this.#planOver) return;
    const figures = judgedFigures(this.#logs);
    for (const rule of abortRules) {
      if (this.#nowMs < (rule.afterSeconds ?? 0) * 1000) continue;
      const { ok, got } = judgeThreshold(rule, figures);
      if (ok || got === undefined) continue;
      return this.stop('aborted', `"${rule.text}" was not met: ${Number(got.toPrecision(4))}.`);
    }
  }

  /** Nothing more starts; the cases under way have some time to end. */
  #drain(): void {
    if (this.#planOver) return;
    this.#planOver = true;
    this.clock.clearTimeout(this.#timer);
    if (this.#running === 0) return this.#finish();
    this.#timer = this.clock.setTimeout(() => this.#finish(), this.plan.graceSeconds * 1000);
  }

  #finish(): void {
    this.#finished = true;
    this.#planOver = true;
    this.clock.clearTimeout(this.#timer);
    this.clock.clearTimeout(this.#ticker);
    for (const timer of this.#waiting) this.clock.clearTimeout(timer);
    this.#waiting.clear();
    this.#over?.();
  }

  #report(): LoadReport {
    return runReport({
      plan: this.plan,
      logs: this.#logs,
      beganAt: this.#beganAt,
      durationMs: this.#over === undefined ? 0 : this.#nowMs,
      end: this.#end ?? { reason: 'completed' },
      samples: this.#samples.all(),
      failures: this.host.failures?.() ?? [],
    });
  }
}
