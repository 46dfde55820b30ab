/** How many sessions one media worker carries, for other benchmarks: `node bench/media/run.mjs capacity SECONDS ATTEMPTS`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capacityOf } from './capacities';
import { buildSink } from './sinks';

const FIRST_TRY = 250;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-bench-'));
  try {
    buildSink(folder);
    const [seconds, attempts] = process.argv.slice(2).map(Number);
    console.log(JSON.stringify(await capacityOf({ seconds, attempts }, '', {}, FIRST_TRY)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
