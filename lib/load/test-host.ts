import type { Phone } from '../calls';
import { type Clock, SipflowError, systemClock } from '../common';
import type { LeanAttempts, LeanOutcome, PreparedCase, TestCase, Tests } from '../testing';
import { loadCall } from './call-figures';
import { GeneratorWatch } from './generator/generator-watch';
import type { GeneratorHealth } from './health';
import type { LoadHost, LoadStart } from './host';
import { KeptFailures, type LoadFailure } from './kept-failures';
import type { LoadOutcome } from './outcome';
import type { LoadPlan } from './plan';
import type { LoadReport } from './report';
import { LoadRun } from './run';
import type { LoadSample } from './samples';
import type { LoadSlice } from './slices';

/** A load run of a test case. */
export interface LoadRequest {
  tests: Tests;
  testCase: TestCase;
  /** What is to be done; the title and the number of rows come of the case. */
  plan: Omit<LoadPlan, 'rows' | 'title'>;
  /** The table, in place of that of the case. */
  rows?: readonly object[];
  /** Path of a CSV file, in place of the table of the case. */
  table?: string;
  /** The system's when absent. */
  clock?: Clock;
  /** Ends the run when it aborts: nothing more starts, and the calls that stand are ended. */
  signal?: AbortSignal;
  /** What the generator says of itself since it was last asked; what this machine tells when absent. */
  health?: (isLast?: boolean) => GeneratorHealth;
  /** Waits after the probe: see `LoadHost.ready`. */
  ready?: (soFar: () => LoadReport) => Promise<number | undefined>;
  /** Takes what hands out slices, of a plan that is `sliced`. */
  granting?: (grant: (slice: LoadSlice) => void) => void;
  /** The time of a slice is over. `soFar` as of `onSample`. */
  onSlice?: (slice: LoadSlice, soFar: () => LoadReport) => void;
  /** A second of the run is over. `soFar` makes the report as if the run ended now. */
  onSample?: (sample: LoadSample, soFar: () => LoadReport) => void;
}

/** Phones that a case uses, as far as a load changes them. */
type LoadPhone = Partial<Pick<Phone, 'allowCalls'>>;

/** Calls of the phones for each case at once: one that ends takes a moment, and a case may make several. */
const CALLS_PER_CASE = 4;
/** Causes of failures that are ours: a range of ports, or the descriptors of the process, were used up. */
const OUT_OF_PORTS = new Set(['RTP_PORTS_EXHAUSTED', 'EMFILE']);
const STOPPED = 'The load run has ended.';

/**
 * Runs a test case as load, and resolves with the report. The phones of the case allow as many calls as the run needs
 * meanwhile.
 *
 * @throws SipflowError BAD_CONFIG for a plan that makes no sense or a case that cannot run, and as `TestCase.prepare`
 */
export async function runLoad(request: LoadRequest): Promise<LoadReport> {
  const { testCase, plan, table, clock = systemClock, signal } = request;
  const prepared = await prepare(testCase, table);
  const restores: (() => void)[] = [];
  try {
    const rows = request.rows ?? prepared.rows;
    const watch = new GeneratorWatch();
    const health = request.health ?? ((isLast?: boolean) => watch.read(prepared.media?.(), isLast));
    const host = new TestHost({ ...request, health }, rows);
    const run = new LoadRun({ ...plan, title: testCase.title, rows: rows?.length ?? 0 }, host, clock);
    host.soFar = () => run.soFar;
    request.granting?.((slice) => run.grant(slice));
    for (const phone of testCase.phones() as readonly LoadPhone[]) {
      const restore = phone.allowCalls?.(plan.maxCalls * CALLS_PER_CASE);
      if (restore) restores.push(restore);
    }
    const interrupt = (): void => {
      run.stop();
      void host.endCalls();
    };
    if (signal?.aborted) interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    restores.push(() => signal?.removeEventListener('abort', interrupt), host.watchStrays());
    return await run.run();
  } finally {
    for (const restore of restores) restore();
    prepared.end();
  }
}

async function prepare(testCase: TestCase, table: string | undefined): Promise<PreparedCase> {
  if (testCase.prepare) return testCase.prepare(table);
  if (table === undefined) return { end: () => undefined };
  throw new SipflowError('BAD_CONFIG', 'This test case reads no table.', { field: 'rows' });
}

/** Starts the attempts of a run and keeps what is to be known of them. */
class TestHost implements LoadHost {
  readonly #attempts: LeanAttempts;
  readonly #failures = new KeptFailures();
  #portsExhausted = 0;
  #strays = 0;
  soFar: (() => LoadReport) | undefined;

  constructor(
    private readonly request: LoadRequest,
    private readonly rows: readonly object[] | undefined,
  ) {
    this.#attempts = request.tests.lean(request.testCase);
  }

  async start(start: LoadStart): Promise<LoadOutcome> {
    const { row } = start;
    let isKept = false;
    const outcome = await this.#attempts.start({
      ...(row === undefined ? {} : { row: row + 1, values: this.rows?.[row] }),
      keepsMessages: ({ status, reason }) =>
        (isKept =
          status === 'failed' && reason?.code !== 'STOPPED' && this.#failures.wants(reason?.code ?? '')),
    });
    if (!outcome || outcome.attempt.reason?.code === 'STOPPED') {
      return { status: 'stopped', calls: [] };
    }
    return this.#ended(start, outcome, isKept);
  }

  health(isLast?: boolean): GeneratorHealth {
    const health: GeneratorHealth = {
      ...this.request.health?.(isLast),
      portsExhausted: this.#portsExhausted,
      strayCalls: this.#strays,
    };
    this.#portsExhausted = this.#strays = 0;
    return health;
  }

  async endCalls(): Promise<void> {
    await this.#attempts.stop(STOPPED);
    // The outcomes of those that have just ended are on their way to the run.
    await new Promise((resolve) => setImmediate(resolve));
  }

  failures(): LoadFailure[] {
    return this.#failures.all();
  }

  ready(): Promise<number | undefined> {
    const { soFar } = this;
    const wait = soFar && this.request.ready?.(soFar);
    return wait ?? Promise.resolve(undefined);
  }

  sampled(sample: LoadSample): void {
    const { soFar } = this;
    if (soFar) this.request.onSample?.(sample, soFar);
  }

  sliceOver(slice: LoadSlice): void {
    const { soFar } = this;
    if (soFar) this.request.onSlice?.(slice, soFar);
  }

  /** Counts calls that come in without an attempt. Returns a function that ends that. */
  watchStrays(): () => void {
    return this.request.tests.on('stray', () => {
      this.#strays += 1;
    });
  }

  #ended({ number, stage, probe }: LoadStart, { attempt, times }: LeanOutcome, isKept: boolean): LoadOutcome {
    const { status, reason } = attempt;
    const cause = reason?.code ?? 'UNKNOWN';
    if (isKept) this.#failures.add({ cause, number, stage, probe, attempt });
    if (OUT_OF_PORTS.has(cause)) this.#portsExhausted += 1;
    return {
      status,
      ...(status === 'failed' ? { cause } : {}),
      calls: attempt.calls.map(({ ref, info }) => loadCall(info, times.get(ref.id))),
    };
  }
}
