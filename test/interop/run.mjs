// Runs the tests against real peers and writes docs/interop.md: `npm run test:interop`. With `--fetch` it first
// unpacks what no package of this system has; with file names or `--grep` it tests a part and writes nothing.
import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from '../../scripts/prepare.mjs';
import { fetchPeers } from './peers/fetch.mjs';
import { markdownTable, printedTable, unknownMarks } from './table.mjs';

prepare();

const given = process.argv.slice(2);
if (given.includes('--fetch')) await fetchPeers();
const wanted = given.filter((argument) => argument !== '--fetch');
const named = wanted.filter((argument) => existsSync(join(root, argument)));
const options = wanted.filter((argument) => !named.includes(argument));
const specs = named.length > 0 ? named : ['test/interop/**/*.test.ts'];
/** Takes as long as half of all the others. */
const LONGEST = 'test/interop/asterisk.test.ts';

const folder = mkdtempSync(join(tmpdir(), 'sipflow-interop-'));
const results = join(folder, 'results.jsonl');
writeFileSync(results, '');

const mochaCli = realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'));
const started = performance.now();
/**
 * Runs test files one after the other and resolves with the exit code, null when a signal ended it.
 *
 * @param lane number of this run among those side by side, by which it has ports of its own
 */
function mocha(files, lane, stdio) {
  const child = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', mochaCli, '--require', './test/support/root-hooks.ts', '--timeout', '120000'],
      ...[...options, ...files],
    ],
    {
      cwd: root,
      stdio,
      env: { ...process.env, SIPFLOW_INTEROP_RESULTS: results, SIPFLOW_TEST_LANE: String(lane) },
    },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => said.push(bytes));
  return new Promise((resolve) =>
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(said));
      resolve(code);
    }),
  );
}

// Most of the time is spent waiting, so a whole run has two lanes; what the second one says comes at its end.
const lanes = wanted.length > 0 ? [specs] : [[LONGEST], others()];
const codes = await Promise.all(
  lanes.map((files, n) => mocha(files, n, n === 0 ? 'inherit' : ['ignore', 'pipe', 'pipe'])),
);

const lines = readFileSync(results, 'utf8').split('\n').filter(Boolean);
const rows = lines.map((line) => JSON.parse(line));
rmSync(folder, { recursive: true, force: true });
const seconds = Math.round((performance.now() - started) / 1000);
console.log(printedTable(rows));
const passed = rows.filter(({ result }) => result === 'passed').length;
console.log(`\n${passed} of ${rows.length} passed in ${seconds} s`);
// A run that was killed has not seen everything.
if (!codes.includes(null) && wanted.length === 0 && rows.length > 0) {
  writeFileSync(join(root, 'docs', 'interop.md'), markdownTable(rows, seconds));
}
const unknown = unknownMarks(rows);
if (unknown.length > 0) console.error(`No feature of features.mjs is named ${unknown.join(', ')}.`);
process.exitCode = unknown.length > 0 ? 1 : Math.max(...codes.map((code) => code ?? 1));

/** All test files but the longest. */
function others() {
  const files = readdirSync(join(root, 'test/interop')).filter((name) => name.endsWith('.test.ts'));
  return files.map((name) => `test/interop/${name}`).filter((file) => file !== LONGEST);
}
