/*
 * Latency of listening against an agent that logs the truth: `npm run bench:latency`. The last line is JSON: for each path
 * the turns, the median and the 95th percentile of the error in milliseconds, and the mean (measured less true).
 */
import { latencyErrors, percentile } from '../../test/wire/media/support/latency-trials';
import { runningEngine } from '../../test/wire/media/support/sessions';

const PATHS = {
  clean: { loss: 0, jitterMs: 0 },
  loss5: { loss: 0.05, jitterMs: 0 },
  jitter60: { loss: 0, jitterMs: 60 },
  loss5jitter60: { loss: 0.05, jitterMs: 60 },
} as const;
const CALLS = 20;
const TURNS = process.argv.includes('--quick') ? 3 : 10;

async function run(): Promise<void> {
  const engine = await runningEngine({ workers: 1 });
  const found: Record<string, object> = {};
  for (const [name, path] of Object.entries(PATHS)) {
    const errors = await latencyErrors(engine, { path, calls: CALLS, turns: TURNS });
    const [p50, p95] = [0.5, 0.95].map((share) => Math.round(percentile(errors, share) * 10) / 10);
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    found[name] = { turns: errors.length, p50, p95, mean: Math.round(mean * 10) / 10 };
    console.log(`${name}: ${errors.length} turns, error ${p50} ms (median), ${p95} ms (95 %)`);
  }
  await engine.close();
  console.log(JSON.stringify(found));
}

void run();
