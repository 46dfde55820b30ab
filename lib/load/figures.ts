import { type HistogramData, LogHistogram } from './histogram';
import type { LoadCall, LoadOutcome } from './outcome';
import { isEffective, isNetworkEffective } from './session-ratios';

/** Distributions of a stage, by name, with their unit. */
export const DISTRIBUTIONS = {
  /** Delay of a start against the schedule. */
  lateness: 'ms',
  setup: 'ms',
  'post-dial-delay': 'ms',
  length: 'ms',
  loss: '%',
  jitter: 'ms',
  mos: '',
} as const;

export type DistributionName = keyof typeof DISTRIBUTIONS;

const NAMES = Object.keys(DISTRIBUTIONS) as DistributionName[];

/** Causes that are counted by name; what comes after that many counts as `OTHER`. */
const MAX_CAUSES = 50;
const OTHER = 'OTHER';

/** Counters of a stage; ratios are made of them. */
const COUNTERS = [
  'started',
  'leftOut',
  'passed',
  'failed',
  'skipped',
  /** Cases that the end of the run broke off. */
  'stopped',
  'seizures',
  'answered',
  'redirected',
  'effective',
  'networkEffective',
  /** Calls of ours that got no final response at all. */
  'unanswered',
  'oneWay',
  /** Calls that came in and belong to no case. */
  'strays',
  'answeredWithMedia',
] as const;

export type CounterName = (typeof COUNTERS)[number];

/** Figures of a stage as data; the sum of two is the merge of what they were made of. */
export interface FiguresData {
  counters: Record<CounterName, number>;
  causes: Record<string, number>;
  distributions: Record<DistributionName, HistogramData>;
}

/** What a stage, or a whole run, has counted. Its memory does not grow with the run. */
export class LoadFigures {
  readonly #counters: Record<CounterName, number>;
  readonly #causes = new Map<string, number>();
  readonly #distributions: Record<DistributionName, LogHistogram>;

  constructor() {
    this.#counters = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<CounterName, number>;
    this.#distributions = Object.fromEntries(NAMES.map((name) => [name, new LogHistogram()])) as Record<
      DistributionName,
      LogHistogram
    >;
  }

  counter(name: CounterName): number {
    return this.#counters[name];
  }

  distribution(name: DistributionName): LogHistogram {
    return this.#distributions[name];
  }

  /** Failures by cause, the most frequent first. */
  get causes(): [cause: string, count: number][] {
    return [...this.#causes].sort(([, a], [, b]) => b - a);
  }

  /** A case began, so many milliseconds behind the schedule. */
  started(latenessMs: number): void {
    this.#counters.started += 1;
    this.#distributions.lateness.add(Math.max(0, latenessMs));
  }

  /** Calls came in that belong to no case. */
  strays(count: number): void {
    this.#counters.strays += count;
  }

  /** A planned start did not happen. */
  leftOut(count = 1): void {
    this.#counters.leftOut += count;
  }

  /** A case has ended. */
  ended({ status, cause = 'UNKNOWN', calls }: LoadOutcome): void {
    this.#counters[status] += 1;
    if (status === 'failed') this.#failed(cause);
    for (const call of calls) this.#call(call);
  }

  merge(other: LoadFigures): void {
    for (const name of COUNTERS) this.#counters[name] += other.#counters[name];
    for (const [cause, count] of other.#causes) this.#failed(cause, count);
    for (const name of NAMES) this.#distributions[name].merge(other.#distributions[name]);
  }

  toJSON(): FiguresData {
    const distributions = Object.fromEntries(
      NAMES.map((name) => [name, this.#distributions[name].toJSON()]),
    ) as Record<DistributionName, HistogramData>;
    return { counters: { ...this.#counters }, causes: Object.fromEntries(this.causes), distributions };
  }

  static from(data: FiguresData): LoadFigures {
    const figures = new LoadFigures();
    for (const name of COUNTERS) figures.#counters[name] = data.counters[name];
    for (const [cause, count] of Object.entries(data.causes)) figures.#causes.set(cause, count);
    for (const name of NAMES) {
      figures.#distributions[name] = LogHistogram.from(data.distributions[name]);
    }
    return figures;
  }

  #failed(cause: string, count = 1): void {
    const name = this.#causes.has(cause) || this.#causes.size < MAX_CAUSES ? cause : OTHER;
    this.#causes.set(name, (this.#causes.get(name) ?? 0) + count);
  }

  #call(call: LoadCall): void {
    const counters = this.#counters;
    if (call.direction === 'out') {
      counters.seizures += 1;
      if (call.answered) counters.answered += 1;
      if (call.status !== undefined && call.status >= 300 && call.status < 400) counters.redirected += 1;
      if (!call.answered && call.status === undefined) counters.unanswered += 1;
      if (isEffective(call)) counters.effective += 1;
      if (isNetworkEffective(call)) counters.networkEffective += 1;
      if (call.answered) this.#add('setup', call.setupMs);
      this.#add('post-dial-delay', call.postDialDelayMs);
    }
    if (call.oneWay !== undefined) {
      counters.answeredWithMedia += 1;
      if (call.oneWay) counters.oneWay += 1;
    }
    this.#add('length', call.lengthMs);
    this.#add('loss', call.lossPercent);
    this.#add('jitter', call.jitterMs);
    this.#add('mos', call.mos);
  }

  #add(name: DistributionName, value: number | undefined): void {
    if (value !== undefined) this.#distributions[name].add(value);
  }
}
