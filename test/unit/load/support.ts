import type {
  GeneratorHealth,
  LoadHost,
  LoadOutcome,
  LoadPlan,
  LoadSample,
  LoadStart,
} from '../../../lib/load';
import { parseStages } from '../../../lib/load';
import type { FakeClock } from '../../support/fake-clock';

/** A plan of these stages, with nothing else asked for. */
export function planOf(stages: string, more: Partial<LoadPlan> = {}): LoadPlan {
  return {
    title: 'A call',
    stages: parseStages(stages),
    maxCalls: 10_000,
    rows: 0,
    rowsOrder: 'sequential',
    seed: 1,
    thresholds: [],
    abortRules: [],
    probe: false,
    shard: { index: 0, count: 1 },
    graceSeconds: 30,
    sources: 1,
    ...more,
  };
}

/** A call that was answered after so many milliseconds. */
export function answered(setupMs: number): LoadOutcome {
  return { status: 'passed', calls: [{ direction: 'out', answered: true, status: 200, setupMs }] };
}

/** A case that a system refused. */
export function refused(status: number, cause = String(status)): LoadOutcome {
  return { status: 'failed', cause, calls: [{ direction: 'out', answered: false, status }] };
}

/** A system that takes so long for a case, and what it makes of it. */
export class PlayedHost implements LoadHost {
  readonly starts: (LoadStart & { atMs: number })[] = [];
  readonly samples: LoadSample[] = [];
  running = 0;
  most = 0;
  ended = 0;
  said: GeneratorHealth = {};

  constructor(
    private readonly clock: FakeClock,
    private readonly play: (start: LoadStart) => { afterMs: number; outcome: LoadOutcome },
  ) {}

  start(start: LoadStart): Promise<LoadOutcome> {
    this.starts.push({ ...start, atMs: this.clock.now() });
    this.most = Math.max(this.most, ++this.running);
    const { afterMs, outcome } = this.play(start);
    return new Promise((resolve) =>
      this.clock.setTimeout(() => {
        this.running -= 1;
        resolve(outcome);
      }, afterMs),
    );
  }

  health(): GeneratorHealth {
    return this.said;
  }

  endCalls(): Promise<void> {
    this.ended += 1;
    return Promise.resolve();
  }

  sampled(sample: LoadSample): void {
    this.samples.push(sample);
  }
}

/** Lets time pass in steps that are short enough for every promise to follow. */
export async function pass(clock: FakeClock, ms: number, stepMs = 10): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
