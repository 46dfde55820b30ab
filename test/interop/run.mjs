// Runs the tests against real peers and writes docs/interop.md: `npm run test:interop`. With `--fetch` it first
// unpacks what no package of this system has; with file names or `--grep` it tests a part and writes nothing.
import { performance } from 'node:perf_hooks';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from '../../scripts/prepare.mjs';
import { fetchPeers } from './peers/fetch.mjs';
import { markdownTable, printedTable } from './table.mjs';

prepare();

const given = process.argv.slice(2);
if (given.includes('--fetch')) await fetchPeers();
const wanted = given.filter((argument) => argument !== '--fetch');
const named = wanted.filter((argument) => existsSync(join(root, argument)));
const options = wanted.filter((argument) => !named.includes(argument));
const specs = named.length > 0 ? named : ['test/interop/**/*.test.ts'];

const folder = mkdtempSync(join(tmpdir(), 'sipflow-interop-'));
const results = join(folder, 'results.jsonl');
writeFileSync(results, '');

const mochaCli = realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'));
const started = performance.now();
const mocha = spawn(
  process.execPath,
  [
    ...['--import', 'tsx', mochaCli, '--require', './test/support/root-hooks.ts', '--timeout', '120000'],
    ...[...options, ...specs],
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, SIPFLOW_INTEROP_RESULTS: results } },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => mocha.kill(signal));

mocha.on('close', (code) => {
  const lines = readFileSync(results, 'utf8').split('\n').filter(Boolean);
  const rows = lines.map((line) => JSON.parse(line));
  rmSync(folder, { recursive: true, force: true });
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(printedTable(rows));
  console.log(`\n${rows.length} lines in ${seconds} s`);
  // A run that was killed has not seen everything.
  if (code !== null && wanted.length === 0 && rows.length > 0) {
    writeFileSync(join(root, 'docs', 'interop.md'), markdownTable(rows, seconds));
  }
  process.exitCode = code ?? 1;
});
