// Measures signalling against SIPp: `npm run bench:signalling`, or with `-- --quick` for some twenty seconds.
// `-- --pair DIR` compares with another checkout instead.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from '../../scripts/prepare.mjs';
import { foreignPackage } from '../../scripts/versions.mjs';

prepare();

const compares = process.argv.some((argument) => argument.startsWith('--pair'));
const main = join(root, 'bench/signalling', compares ? 'pair.ts' : 'main.ts');
// Another SIP stack in JavaScript, as a yardstick that is as slow or fast as the machine.
const foreign = compares ? undefined : foreignPackage('sip', '0.0.6');
const measurement = spawn(process.execPath, ['--import', 'tsx', main, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...(foreign ? { SIPFLOW_BENCH_FOREIGN: foreign } : {}) },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => measurement.kill(signal));
measurement.on('close', (code) => (process.exitCode = code ?? 1));
