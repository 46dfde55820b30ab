import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { LoadFigures } from '../../lib/load';
import { rounded } from '../signalling/figures';
import { callFlow } from './flows';
import { type LoadResult, runLoadCommand } from './load-command';
import type { Plan } from './plan';
import { tell } from './tell';

/** CPU of a call by the library alone, with its media as in a flow, milliseconds. */
export function engineCpu(target: string, { rate, warmUp, seconds }: Plan): number {
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
export async function onePlainRate(
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
export async function twoProcesses(
  target: string,
  { warmUp, seconds, rates }: Plan,
): Promise<{ flow: { maxCps: number }; processes: { count: number; factor: number } }> {
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
  return { flow: { maxCps }, processes: { count: 2, factor: rounded((2 * one) / two) } };
}
