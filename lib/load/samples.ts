/** One second of a run, or several that were put together. */
export interface LoadSample {
  /** Milliseconds since the beginning of the run. */
  atMs: number;
  seconds: number;
  stage: number;
  started: number;
  leftOut: number;
  passed: number;
  failed: number;
  /** Cases under way at the end of it. */
  running: number;
  /** 95th percentiles, milliseconds. */
  setupP95Ms?: number;
  lateP95Ms?: number;
  /** 99th percentile of the delay of audio packets, milliseconds; a bound of its class. */
  mediaLateP99Ms?: number;
  /** Share of the time in which the event loop was busy, 0 to 1. */
  loopBusy?: number;
}

/** Figures of which the worse one stands for two samples: a chart must not lose a peak, and percentiles cannot be added. */
const WORSE = ['setupP95Ms', 'lateP95Ms', 'mediaLateP99Ms', 'loopBusy'] as const;

/** Samples that a report keeps. */
const MAX_SAMPLES = 1800;

/**
 * The course of a run in a bounded number of samples: when they are too many, two neighbours of a stage become one of
 * twice the length.
 */
export class SampleSeries {
  #samples: LoadSample[] = [];
  #pending: LoadSample | undefined;
  #seconds = 1;

  /** Adds a second of the run. */
  add(sample: LoadSample): void {
    const pending = this.#pending;
    if (!pending) this.#pending = sample;
    else if (pending.stage === sample.stage) this.#pending = together(pending, sample);
    else {
      this.#samples.push(pending);
      this.#pending = sample;
    }
    if ((this.#pending?.seconds ?? 0) >= this.#seconds) this.#settle();
  }

  /** All of them in order of time. */
  all(): LoadSample[] {
    return this.#pending ? [...this.#samples, this.#pending] : [...this.#samples];
  }

  #settle(): void {
    if (this.#pending) this.#samples.push(this.#pending);
    this.#pending = undefined;
    if (this.#samples.length < MAX_SAMPLES) return;
    this.#seconds *= 2;
    this.#samples = halved(this.#samples);
  }
}

function halved(samples: readonly LoadSample[]): LoadSample[] {
  const half: LoadSample[] = [];
  for (let index = 0; index < samples.length; index++) {
    const [sample, next] = [samples[index], samples[index + 1] as LoadSample | undefined];
    if (next && next.stage === sample.stage) {
      half.push(together(sample, next));
      index += 1;
    } else {
      half.push(sample);
    }
  }
  return half;
}

function together(first: LoadSample, second: LoadSample): LoadSample {
  const joined: LoadSample = {
    atMs: first.atMs,
    seconds: first.seconds + second.seconds,
    stage: first.stage,
    started: first.started + second.started,
    leftOut: first.leftOut + second.leftOut,
    passed: first.passed + second.passed,
    failed: first.failed + second.failed,
    running: second.running,
  };
  return withWorse(joined, first, second);
}

/** The same seconds of two shards as one; a percentile is the worse of both. */
export function addedSamples(one: LoadSample, other: LoadSample): LoadSample {
  const sum: LoadSample = { ...one };
  for (const name of ['started', 'leftOut', 'passed', 'failed', 'running'] as const) {
    sum[name] = one[name] + other[name];
  }
  return withWorse(sum, one, other);
}

function withWorse(sum: LoadSample, first: LoadSample, second: LoadSample): LoadSample {
  for (const name of WORSE) {
    const values = [first[name], second[name]].filter((value) => value !== undefined);
    if (values.length > 0) sum[name] = Math.max(...values);
  }
  return sum;
}
