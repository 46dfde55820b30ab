// Runs the tests in network namespaces and writes docs/network.md: `npm run test:network`, as root. With file names or
// `--grep` it tests a part and writes nothing.
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { prepare, root } from '../../scripts/prepare.mjs';
import { markdownTable, printedTable } from './table.mjs';

prepare();

const wanted = process.argv.slice(2);
const named = wanted.filter((argument) => argument.endsWith('.ts'));
const options = wanted.filter((argument) => !named.includes(argument));
const specs = named.length > 0 ? named : ['test/network/**/*.test.ts'];

const folder = mkdtempSync(join(tmpdir(), 'sipflow-network-'));
const results = join(folder, 'results.jsonl');
writeFileSync(results, '');

const mochaCli = realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'));
const started = performance.now();
const mocha = spawn(process.execPath, ['--import', 'tsx', mochaCli, ...options, ...specs], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SIPFLOW_NETWORK_RESULTS: results },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => mocha.kill(signal));

mocha.on('close', (code) => {
  const lines = readFileSync(results, 'utf8').split('\n').filter(Boolean);
  const rows = lines.map((line) => JSON.parse(line));
  rmSync(folder, { recursive: true, force: true });
  const seconds = Math.round((performance.now() - started) / 1000);
  if (rows.length > 0) console.log(printedTable(rows));
  console.log(`\n${rows.length} figures in ${seconds} s`);
  if (wanted.length === 0 && rows.length > 0 && code === 0) {
    writeFileSync(join(root, 'docs', 'network.md'), markdownTable(rows));
  }
  process.exitCode = code ?? 1;
});
