import type { LoadHost } from './host';
import type { LoadOutcome } from './outcome';
import type { RunClock } from './run-clock';
import { type LoadSample, SampleSeries } from './samples';
import { OpenSecond } from './second';
import type { StageLog } from './stage-log';

const SECOND_MS = 1000;

/**
 * The seconds of a run: each is counted while it lasts; when it is over, the stage that it belongs to, the samples of the
 * report and the host get it, together with what the generator says of itself.
 */
export class RunSeconds {
  readonly #samples = new SampleSeries();
  #open = new OpenSecond();
  /** When the second that runs is over, milliseconds since the beginning. */
  #dueMs = SECOND_MS;

  /**
   * @param running how many cases are under way
   * @param over a second is over
   */
  constructor(
    private readonly logs: readonly StageLog[],
    private readonly host: LoadHost,
    private readonly clock: RunClock,
    private readonly running: () => number,
    private readonly over: () => void,
  ) {}

  /** The course of the run up to the last full second. */
  get samples(): LoadSample[] {
    return this.#samples.all();
  }

  /** To be called once, when the run has begun. It ends with the timers of the run. */
  begin(): void {
    this.#wait();
  }

  begun(lateMs: number): void {
    this.#open.begun(lateMs);
  }

  leftOut(count: number): void {
    this.#open.leftOut += count;
  }

  ended(outcome: LoadOutcome): void {
    this.#open.ended(outcome);
  }

  /** The run is over: what the second that runs has counted is its last one. */
  finish(): void {
    if (!this.#open.isEmpty) this.#close(this.#dueMs, true);
  }

  #wait(): void {
    this.clock.at(this.#dueMs, () => {
      const due = this.#dueMs;
      this.#dueMs += SECOND_MS;
      this.#wait();
      this.#close(due);
      this.over();
    });
  }

  /** @param dueMs when it was over, or would have been */
  #close(dueMs: number, isLast = false): void {
    const second = this.#open;
    this.#open = new OpenSecond();
    const middle = dueMs - SECOND_MS / 2;
    const found = this.logs.findIndex(({ span }) => middle < span.endMs);
    const stage = found < 0 ? this.logs.length - 1 : found;
    const health = this.host.health(isLast);
    if (found >= 0) this.logs[stage].second(second, health);
    const sample = second.sample({ atMs: dueMs - SECOND_MS, stage, running: this.running(), health });
    this.#samples.add(sample);
    this.host.sampled?.(sample);
  }
}
