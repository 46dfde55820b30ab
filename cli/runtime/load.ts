import { callsOfShard, casesWithinLimit, descriptorFault, type LoadSlice, runLoad } from '../../lib/load';
import { processTests, type TestPhone } from '../../lib/testing';
import type { NodeCase } from './cases';
import { NodeRedRefusal } from './node-red';
import type { Event, LoadJob } from './protocol';

/** What a load hears and tells while it runs. */
export interface LoadLine {
  /** Ends the load properly. */
  readonly signal: AbortSignal;
  /** When it may begin; resolves with the time, in milliseconds since the epoch, or for at once. */
  readonly started: Promise<number | undefined>;
  /** Takes what is to be called with each slice of a plan that is sliced. */
  readonly granting: (grant: (slice: LoadSlice) => void) => void;
  readonly tell: (event: Event) => void;
}

/** Seconds between two reports for the case that this process does not live to send the last one. */
const SAVED_EVERY = 5;
/** Room for fewer cases at once is told, even where nothing says how many the load will have. */
const SCARCE = 50;

/**
 * Puts the load of a plan on what a test case calls, and tells the report.
 *
 * @throws NodeRedRefusal, SipflowError for a load that cannot run
 */
export async function putLoad(testCase: NodeCase, job: LoadJob, line: LoadLine): Promise<void> {
  const { signal, started, granting, tell } = line;
  const { maxCalls, advice } = roomFor(job, testCase.phones());
  if (job.timeout !== undefined) processTests.settings = { timeout: job.timeout };
  let seconds = 0;
  const report = await runLoad({
    tests: processTests,
    testCase,
    plan: { ...job.plan, maxCalls },
    ...(job.table === undefined ? {} : { table: job.table }),
    signal,
    granting,
    onSlice: ({ number }, soFar) => tell({ kind: 'slice-over', number, report: soFar() }),
    ready: (soFar) => {
      tell({ kind: 'prepared', report: soFar(), advice });
      return Promise.race([started, aborted(signal)]);
    },
    onSample: (sample, soFar) => {
      tell({ kind: 'sample', sample });
      seconds += 1;
      // Of slices each brings one.
      if (seconds % SAVED_EVERY === 0 && !job.plan.sliced) tell({ kind: 'so-far', report: soFar() });
    },
  });
  tell({ kind: 'loaded', report });
}

/** Cases at once for which this process has descriptors and ports. */
function roomFor(
  { plan, isMaxCallsGiven }: LoadJob,
  phones: readonly TestPhone[],
): { maxCalls: number; advice: string[] } {
  const simulated = phones.some(({ options }) => options.mode === 'simulation');
  // Both sides of a simulated call are here.
  const callsPerCase = simulated ? 2 : 1;
  if (!isMaxCallsGiven) {
    const fault = descriptorFault(callsAtOnce(plan), callsPerCase);
    if (fault !== undefined) throw new NodeRedRefusal(fault);
    const room = casesWithinLimit(callsPerCase);
    // Most loads need far fewer than they may have.
    const scarce = room < SCARCE ? descriptorFault(Math.min(plan.maxCalls, SCARCE), callsPerCase) : undefined;
    return {
      maxCalls: Math.max(1, Math.min(plan.maxCalls, room)),
      advice: scarce === undefined ? [] : [scarce],
    };
  }
  const fault = descriptorFault(plan.maxCalls, callsPerCase);
  if (fault !== undefined) throw new NodeRedRefusal(fault);
  const advice = phones.flatMap(({ options: { name, number, rtpPortMin, rtpPortMax } }) => {
    const pairs = Math.floor((rtpPortMax - rtpPortMin + 1) / 2);
    if (pairs >= plan.maxCalls) return [];
    return [
      `Phone "${name || number}" has RTP ports for ${pairs} calls, fewer than --max-calls: widen its range, ` +
        `or calls will fail for want of ports.`,
    ];
  });
  return { maxCalls: plan.maxCalls, advice };
}

/** Calls at once that the stages ask for, of this process. */
function callsAtOnce({ stages, shard }: LoadJob['plan']): number {
  return Math.max(
    0,
    ...stages.map((stage) => (stage.kind === 'calls' ? callsOfShard(stage.calls, shard) : 0)),
  );
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
