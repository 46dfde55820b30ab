// Measures what a test costs beyond its call: `npm run bench:testing`, or with `-- --rounds 5` for some ten seconds.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from '../../scripts/prepare.mjs';

prepare();

const main = join(root, 'bench/testing/overhead.ts');
const measurement = spawn(
  process.execPath,
  ['--expose-gc', '--import', 'tsx', main, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => measurement.kill(signal));
measurement.on('close', (code) => (process.exitCode = code ?? 1));
