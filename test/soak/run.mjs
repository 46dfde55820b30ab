// Runs for a long time on purpose: `npm run test:soak`, with `-- --short` in less than a minute.
// Name parts to run only those: `npm run test:soak -- fuzz`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from '../../scripts/prepare.mjs';

const PARTS = ['fuzz', 'calls', 'loss', 'media', 'speech'];

prepare();

const named = PARTS.filter((part) => process.argv.includes(part));
const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
let running;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    running?.kill(signal);
    process.exitCode = 1;
  });
}

for (const part of named.length > 0 ? named : PARTS) {
  if (process.exitCode) break;
  const code = await run(part);
  if (code !== 0) {
    console.error(`The soak test "${part}" failed.`);
    process.exitCode = 1;
  }
}

function run(part) {
  const file = join(root, 'test/soak', `${part}.ts`);
  running = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', file, ...options], {
    cwd: root,
    stdio: 'inherit',
  });
  return new Promise((resolve) => running.on('close', (code) => resolve(code ?? 1)));
}
