import type { GeneratorHealth } from './health';
import { LogHistogram } from './histogram';
import type { LoadOutcome } from './outcome';
import type { LoadSample } from './samples';
import type { StageSecond } from './stage-verdict';

/** What a second of a run counts, until it is over. */
export class OpenSecond implements StageSecond {
  started = 0;
  passed = 0;
  failed = 0;
  leftOut = 0;
  readonly #setup = new LogHistogram();
  readonly #late = new LogHistogram();

  /** Whether nothing was counted. */
  get isEmpty(): boolean {
    return this.started + this.passed + this.failed + this.leftOut === 0;
  }

  begun(lateMs: number): void {
    this.started += 1;
    this.#late.add(Math.max(0, lateMs));
  }

  ended({ status, calls }: LoadOutcome): void {
    if (status === 'passed') this.passed += 1;
    if (status === 'failed') this.failed += 1;
    for (const call of calls) {
      if (call.answered && call.setupMs !== undefined) this.#setup.add(call.setupMs);
    }
  }

  /** The second is over. */
  sample(at: { atMs: number; stage: number; running: number; health: GeneratorHealth }): LoadSample {
    const { started, leftOut, passed, failed } = this;
    const { atMs, stage, running, health } = at;
    const sample: LoadSample = { atMs, seconds: 1, stage, started, leftOut, passed, failed, running };
    const setupP95Ms = this.#setup.quantile(0.95);
    const lateP95Ms = this.#late.quantile(0.95);
    if (setupP95Ms !== undefined) sample.setupP95Ms = setupP95Ms;
    if (lateP95Ms !== undefined) sample.lateP95Ms = lateP95Ms;
    if (health.mediaLateP99Ms !== undefined) sample.mediaLateP99Ms = health.mediaLateP99Ms;
    if (health.loopBusy !== undefined) sample.loopBusy = health.loopBusy;
    return sample;
  }
}
