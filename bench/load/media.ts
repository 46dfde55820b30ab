import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { LoadFigures } from '../../lib/load';
import { audioFlow } from './flows';
import { runLoadCommand } from './load-command';
import type { Plan } from './plan';

/** Sessions that one media worker carries alone, as the benchmark of media finds them. */
function workerCapacity(seconds: number, attempts: number): number {
  const program = join(__dirname, '..', 'media', 'run.mjs');
  const args = [program, 'capacity', String(seconds), String(attempts)];
  const { stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    // As the processes of a load have it.
    env: { ...(process.platform === 'linux' ? { SIPFLOW_DATAGRAMS: 'native' } : {}), ...process.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  console.log(stdout.trim());
  const { streams } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { streams?: number };
  return streams ?? 0;
}

/** Calls with audio both ways at once, against what one media worker carries alone. */
export async function mediaShare({
  media: { seconds, attempts, shares },
}: Plan): Promise<{ calls: number; shareOfWorker: number }> {
  const streams = workerCapacity(seconds, attempts);
  if (streams === 0) {
    console.log('The media worker alone carries nothing here: the machine is too busy to tell.');
    return { calls: 0, shareOfWorker: 0 };
  }
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
