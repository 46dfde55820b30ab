/**
 * Prints progress, and as its last line one JSON object: CPU of a call by the library alone and by a flow, the highest rate
 * of two processes with nothing lost, how late starts are, the share of the media worker's capacity that a load reaches,
 * what a second process costs, and how often the verdict names the side that was the limit.
 */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { LoadFigures, type LoadReport } from '../../lib/load';
import { rounded } from '../signalling/figures';
import { Sipp, sippVersion } from '../signalling/sipp';
import { audioFlow, callFlow } from './flows';
import { type LoadResult, runLoadCommand } from './load-command';
import { judgeVerdicts } from './verdicts';

interface Plan {
  /** Calls per second at which CPU is compared. */
  rate: number;
  /** Seconds until the machine code is compiled, and of each measurement. */
  warmUp: number;
  seconds: number;
  /** Rates that two processes try, one after the other. */
  rates: number[];
  media: { seconds: number; attempts: number; shares: number[] };
  trials: number;
}

const FULL: Plan = {
  rate: 300,
  warmUp: 45,
  seconds: 20,
  rates: [600, 800, 1000, 1200],
  media: { seconds: 8, attempts: 6, shares: [1, 0.92, 0.85, 0.75, 0.6, 0.45, 0.3] },
  trials: 100,
};

const QUICK: Plan = {
  rate: 100,
  warmUp: 8,
  seconds: 5,
  rates: [200, 300],
  media: { seconds: 2, attempts: 3, shares: [0.85, 0.5] },
  trials: 6,
};

const SEED = 20_261_201;
const SIPP_CALLS = 10_000_000;
const SIPP_LIMIT_S = 600;

async function main(): Promise<void> {
  const version = sippVersion();
  if (version === undefined) {
    throw new Error('SIPp is needed and was not found: install it (Debian: apt-get install sip-tester).');
  }
  const plan = process.argv.includes('--quick') ? QUICK : FULL;
  const [busy] = loadavg();
  console.log(
    `SIPp ${version}, Node.js ${process.version}, ${cpus().length} processors, load ${busy.toFixed(1)}`,
  );
  if (busy > cpus().length / 4) console.log('The machine is busy with other work: expect worse figures.');
  const sipp = await Sipp.start({ scenario: 'callee', calls: SIPP_CALLS, limitSeconds: SIPP_LIMIT_S });
  const target = `sip:sipp@${sipp.host}`;
  const engine = engineCpu(target, plan);
  const flow = await onePlainRate(target, plan);
  const { maxCps, processes } = await twoProcesses(target, plan);
  sipp.stop();
  const media = await mediaShare(plan);
  const verdicts = await judgeVerdicts(plan.trials, SEED);
  const lateness = { p99Ms: rounded(flow.lateP99Ms) };
  console.log(
    JSON.stringify({
      engine: { cpuMsPerCall: rounded(engine) },
      flow: { cpuMsPerCall: rounded(flow.cpuMsPerCall), maxCps, ratio: rounded(flow.cpuMsPerCall / engine) },
      lateness,
      media,
      processes,
      verdicts,
    }),
  );
  process.exit();
}

/** CPU of a call by the library alone, with its media as in a flow, milliseconds. */
function engineCpu(target: string, { rate, warmUp, seconds }: Plan): number {
  const program = join(__dirname, 'engine.ts');
  const args = ['--import', 'tsx', program, target, String(rate), String(warmUp), String(seconds)];
  const { stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  console.log(`the library alone at ${rate} calls per second: ${stdout.trim()}`);
  const { cpuMsPerCall, failures } = JSON.parse(stdout) as { cpuMsPerCall: number; failures: number };
  if (failures > 0) process.exitCode = 1;
  return cpuMsPerCall;
}

/** CPU of a call of a flow, and how late the starts are. */
async function onePlainRate(
  target: string,
  { rate, warmUp, seconds }: Plan,
): Promise<{ cpuMsPerCall: number; lateP99Ms: number }> {
  const stages = `warm-up ${rate}/s for ${warmUp}s, ${rate}/s for ${seconds}s`;
  const run = await runLoadCommand(callFlow(target), ['--stages', stages, '--no-probe']);
  tell(run.report);
  const late = LoadFigures.from(run.report.figures).distribution('lateness').quantile(0.99) ?? 0;
  const cpuMsPerCall = run.cpuMsPerCall(1);
  console.log(`a flow: ${rounded(cpuMsPerCall)} ms of CPU for each call, late p99 ${rounded(late)} ms`);
  return { cpuMsPerCall, lateP99Ms: late };
}

/** The highest rate of two processes with nothing lost, and what they cost beside one, each at 40 % of that. */
async function twoProcesses(
  target: string,
  { warmUp, seconds, rates }: Plan,
): Promise<{ maxCps: number; processes: { count: number; factor: number } }> {
  const warm = `warm-up ${Math.round(rates[0] / 2)}/s for ${warmUp}s`;
  const stages = [warm, ...rates.map((rate) => `${rate}/s for ${Math.ceil(seconds / 2)}s`)].join(', ');
  const search = await runLoadCommand(callFlow(target), [
    ...['--stages', stages, '--no-probe', '--processes', '2', '--max-calls', '4000'],
  ]);
  tell(search.report);
  const clean = search.report.stages.slice(1).map(({ figures: { counters } }) => {
    const { started, leftOut, failed, stopped } = counters;
    return started > 0 && leftOut + failed + stopped === 0;
  });
  const firstLoss = clean.indexOf(false);
  const maxCps = rates[(firstLoss < 0 ? rates.length : firstLoss) - 1] ?? 0;
  const share = Math.round(0.2 * (maxCps || rates[0]));
  const at = (rate: number, processes: number): Promise<LoadResult> => {
    const plan = `warm-up ${rate}/s for ${warmUp}s, ${rate}/s for ${seconds}s`;
    return runLoadCommand(callFlow(target), [
      '--stages',
      plan,
      '--no-probe',
      '--processes',
      String(processes),
    ]);
  };
  const one = (await at(share, 1)).cpuMsPerCall(1);
  const two = (await at(2 * share, 2)).cpuMsPerCall(1);
  console.log(
    `one process at ${share}/s: ${rounded(one)} ms for each call; two at ${2 * share}/s: ${rounded(two)} ms`,
  );
  return { maxCps, processes: { count: 2, factor: rounded((2 * one) / two) } };
}

/** Sessions that one media worker carries alone, as the benchmark of media finds them. */
function workerCapacity(seconds: number, attempts: number): number {
  const program = join(__dirname, '..', 'media', 'run.mjs');
  const args = [program, 'capacity', String(seconds), String(attempts)];
  const { stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  console.log(stdout.trim());
  const { streams } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { streams?: number };
  return streams ?? 0;
}

/** Calls with audio both ways at once, against what one media worker carries alone. */
async function mediaShare({
  media: { seconds, attempts, shares },
}: Plan): Promise<{ calls: number; shareOfWorker: number }> {
  const streams = workerCapacity(seconds, attempts);
  for (const share of shares) {
    // Both sides of a call are sessions of the same worker.
    const calls = Math.floor((share * streams) / 2);
    const stages = `warm-up ${Math.ceil(calls / 5)}/s for 6s, ${calls} calls for ${seconds + 4}s`;
    const run = await runLoadCommand(audioFlow(seconds), [
      '--stages',
      stages,
      '--no-probe',
      '--max-calls',
      `${calls}`,
    ]);
    const [, { verdict, figures }] = run.report.stages;
    const { failed } = figures.counters;
    const lost = LoadFigures.from(figures).distribution('loss').max ?? 0;
    const isCarried = verdict.kind === 'judged' && failed === 0 && lost === 0;
    console.log(
      `${calls} calls with audio: ${verdict.kind}, ${failed} failed, loss ${lost} % ${verdict.reasons.join(' ')}`,
    );
    if (isCarried) return { calls, shareOfWorker: share };
  }
  return { calls: 0, shareOfWorker: 0 };
}

function tell({ stages, end }: LoadReport): void {
  for (const { text, verdict, figures } of stages) {
    const { started, passed, failed, leftOut } = figures.counters;
    console.log(
      `${text}: ${started} started, ${passed} passed, ${failed} failed, ${leftOut} left out; ${verdict.kind} ${verdict.reasons.join(' ')}`,
    );
  }
  if (end.reason !== 'completed') console.log(end.message ?? end.reason);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
