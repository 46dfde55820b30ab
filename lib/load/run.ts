import type { Clock } from '../common';
import type { LoadHost, LoadStart } from './host';
import { KeptCalls } from './kept-calls';
import type { LoadOutcome } from './outcome';
import { assertPlan, type LoadPlan } from './plan';
import type { LoadEnd, LoadReport } from './report';
import { RowOrder } from './rows';
import { RunClock } from './run-clock';
import { judgedFigures, runReport } from './run-report';
import { RunSeconds } from './run-seconds';
import { callsOfShard, type PlannedStart, stageSpans, totalStarts } from './schedule';
import type { LoadSlice } from './slices';
import { StageLog } from './stage-log';
import { StartQueue } from './start-queue';
import { judgeThreshold } from './thresholds';

/** A start that is later than this is left out: to catch up would be a burst that nobody planned. */
const LATEST_MS = 1000;
/** The last start of a slice may be some milliseconds late. */
const SLICE_MARGIN_MS = 50;

/**
 * One load run: starts cases by the schedule of its plan, whatever becomes of those that run (open loop), counts, and
 * judges each stage. It does nothing by itself but look at the clock; `host` makes the calls.
 */
export class LoadRun {
  readonly #logs: StageLog[];
  readonly #rows: RowOrder;
  readonly #clock: RunClock;
  readonly #seconds: RunSeconds;
  readonly #planned: StartQueue;
  #next: PlannedStart | undefined;
  #started = 0;
  #running = 0;
  /** Numbers of starts of the stages with a fixed number of calls, which follow those of all schedules. */
  #further: number;
  #planOver = false;
  /** Slices that were given before the run began. */
  readonly #early: LoadSlice[] = [];
  /** Starts of this shard after which the run ends. */
  readonly #total: number;
  #end: LoadReport['end'] | undefined;
  #over: (() => void) | undefined;
  #finished = false;
  /** The figures are final. */
  #closed = false;

  /** @throws SipflowError BAD_CONFIG for a plan that makes no sense */
  constructor(
    private readonly plan: LoadPlan,
    private readonly host: LoadHost,
    clock: Clock,
  ) {
    assertPlan(plan);
    this.#logs = stageSpans(plan.stages).map((span) => new StageLog(span));
    this.#clock = new RunClock(clock);
    this.#seconds = new RunSeconds(
      this.#logs,
      host,
      this.#clock,
      () => this.#running,
      () => this.#lookAtAbortRules(),
    );
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
    this.#clock.begin();
    if (this.plan.probe && !(await this.#probed())) return this.#report();
    const beginAt = await this.host.ready?.();
    if (this.#end) return this.#report();
    this.#clock.begin(beginAt);
    // What the generator did before the run is none of its figures.
    this.host.health();
    this.#next = this.#planned.next();
    const over = new Promise<void>((resolve) => (this.#over = resolve));
    this.#seconds.begin();
    for (const slice of this.#early) this.#watchSlice(slice);
    for (const stage of this.#logs.keys()) this.#keepCalls(stage);
    this.#advance();
    await over;
    await this.host.endCalls();
    this.#seconds.finish();
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
    this.#clock.sleep();
    this.#next ??= this.#planned.next();
    this.#advance();
  }

  /** The report as if the run ended now. */
  get soFar(): LoadReport {
    return this.#report();
  }

  get #nowMs(): number {
    return this.#clock.nowMs;
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
    this.#clock.at(slice.toMs + SLICE_MARGIN_MS, () => this.host.sliceOver?.(slice));
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
    this.#clock.wakeAt(until, () => this.#advance());
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
      later: (act, ms) => this.#clock.later(act, ms),
    });
    this.#clock.at(span.beginMs, () => kept.begin());
  }

  #leftOut(stage: number, count: number): void {
    this.#logs[stage].figures.leftOut(count);
    this.#seconds.leftOut(count);
  }

  /** The calls that a slice which is over should have kept up. */
  #dropCalls({ fromMs, toMs, shard }: LoadSlice): void {
    for (const [index, { span }] of this.#logs.entries()) {
      const { stage, beginMs, endMs } = span;
      if (stage.kind !== 'calls' || toMs <= beginMs || fromMs >= endMs) continue;
      this.#leftOut(index, callsOfShard(stage.calls, shard));
    }
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
    this.#seconds.begun(lateMs);
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
    this.#seconds.ended(outcome);
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
    this.#clock.sleep();
    if (this.#running === 0) return this.#finish();
    this.#clock.later(() => this.#finish(), this.plan.graceSeconds * 1000);
  }

  #finish(): void {
    this.#finished = true;
    this.#planOver = true;
    this.#clock.cancelAll();
    this.#over?.();
  }

  #report(): LoadReport {
    return runReport({
      plan: this.plan,
      logs: this.#logs,
      beganAt: this.#clock.beganAt,
      durationMs: this.#over === undefined ? 0 : this.#nowMs,
      end: this.#end ?? { reason: 'completed' },
      samples: this.#seconds.samples,
      failures: this.host.failures?.() ?? [],
    });
  }
}
