// Measures load runs: `npm run bench:load`, or with `-- --quick` for some two minutes.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from '../../scripts/prepare.mjs';

prepare();

const main = join(root, 'bench/load/main.ts');
const measurement = spawn(process.execPath, ['--import', 'tsx', main, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => measurement.kill(signal));
measurement.on('close', (code) => (process.exitCode = code ?? 1));
