import { setTimeout as delay } from 'node:timers/promises';
import { LoadFigures } from '../../../lib/load';
import { percentile, rounded } from '../../signalling/figures';
import { Sipp } from '../../signalling/sipp';
import { callFlow } from '../flows';
import { cpuOf, runLoadCommand } from '../load-command';

/** Seconds of the warm-up of a flow, and of each measurement. */
const WARM_UP_S = 20;
const SECONDS = 10;

interface RateFigures {
  caller: 'flow' | 'sipp';
  /** Calls per second that were asked for, and that were set up. */
  rate: number;
  cps: number;
  failed: number;
  cpuMsPerCall: number;
  setupP99Ms: number;
  /** How late starts were; SIPp does not say. */
  lateP99Ms?: number;
}

/** Calls per second by a flow and by SIPp, in turns, to the same SIPp. */
export async function ratesBeside(rates: readonly number[]): Promise<RateFigures[]> {
  const found: RateFigures[] = [];
  for (const rate of rates) {
    for (const measure of [byFlow, bySipp]) {
      const callee = await Sipp.start({ scenario: 'callee', calls: 10_000_000, limitSeconds: 120 });
      const figures = await measure(callee.host, rate);
      callee.stop();
      await callee.finished();
      console.log(JSON.stringify(figures));
      found.push(figures);
    }
  }
  return found;
}

async function byFlow(host: string, rate: number): Promise<RateFigures> {
  const stages = `warm-up ${rate}/s for ${WARM_UP_S}s, ${rate}/s for ${SECONDS}s`;
  const run = await runLoadCommand(callFlow(`sip:sipp@${host}`), ['--stages', stages, '--no-probe']);
  const figures = LoadFigures.from(run.report.figures);
  const p99 = (name: 'setup' | 'lateness'): number => rounded(figures.distribution(name).quantile(0.99) ?? 0);
  return {
    caller: 'flow',
    rate,
    cps: rounded(figures.counter('passed') / SECONDS),
    failed: figures.counter('failed'),
    cpuMsPerCall: rounded(run.cpuMsPerCall(1)),
    setupP99Ms: p99('setup'),
    lateP99Ms: p99('lateness'),
  };
}

async function bySipp(host: string, rate: number): Promise<RateFigures> {
  const calls = rate * SECONDS;
  const caller = await Sipp.start({ scenario: 'caller', target: host, rate, calls, limitSeconds: 60 });
  let cpuMs = 0;
  let isOver = false;
  const finished = caller.finished().finally(() => (isOver = true));
  while (!isOver) {
    cpuMs = Math.max(cpuMs, cpuOf(caller.pid));
    await Promise.race([delay(50), finished]);
  }
  const { failures, setupMs, elapsedMs } = await finished;
  return {
    caller: 'sipp',
    rate,
    cps: rounded((1000 * (calls - failures)) / elapsedMs),
    failed: failures,
    cpuMsPerCall: rounded(cpuMs / calls),
    setupP99Ms: percentile(setupMs, 0.99),
  };
}
