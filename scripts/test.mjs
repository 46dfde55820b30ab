// Runs every test that needs no foreign program: `npm test`, or `npm test -- test/unit/sdp --grep codec`.
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { prepare, root } from './prepare.mjs';

/**
 * Most tests wait for audio that plays in real time, so three runs side by side take little more than a third as long.
 * Each is a process of its own with its own check for open handles. The first one is shown as it goes; the output of
 * the others comes after it, in one piece each.
 */
const LANES = [
  { paths: ['test/unit', 'test/testing', 'test/nodes', 'test/cli'] },
  { paths: ['test/wire'] },
  { paths: ['test/package', 'test/plugins'] },
];
/** Tests on the wire that run a second time, with the native driver for datagrams. */
const NATIVE = {
  paths: [
    'session',
    'ports',
    'crash',
    'duplex',
    'directions',
    'hostile-packets',
    'srtp',
    'nat-rebinding',
  ].map((name) => `test/wire/media/${name}.test.ts`),
  settings: { SIPFLOW_DATAGRAMS: 'native' },
};
/** Media workers start from the fresh build, three times as fast as from the sources. */
const env = { ...process.env, SIPFLOW_BUILT_MEDIA: join(root, 'dist', 'lib') };
/** A run that has reported its figures and still does not end has left something open. */
const PATIENCE_MS = 20000;

prepare();

const extra = process.argv.slice(2);
const named = extra.filter((argument) => existsSync(join(root, argument)));
const options = extra.filter((argument) => !named.includes(argument));
const lanes = named.length > 0 ? [{ paths: named }] : allLanes();
// mocha's command line runs only when it is started by its real path, which a linked checkout hides.
const mochaCli = realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'));
const began = performance.now();

const runs = lanes.map(start);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => runs.forEach(({ mocha }) => mocha.kill(signal)));
}

const results = [];
for (const run of runs) {
  results.push(await run.ended);
  process.stdout.write(run.kept());
}
summarise(results);

function allLanes() {
  const usual = availableParallelism() > 1 ? LANES : [{ paths: LANES.flatMap(({ paths }) => paths) }];
  return process.platform === 'linux' ? [...usual, NATIVE] : usual;
}

/** Starts mocha over some folders or files, with ports of their own. Only the first run is shown, others keep their output. */
function start({ paths, settings }, index) {
  const shown = index === 0;
  const lane = { SIPFLOW_TEST_LANE: index, SIPFLOW_TEST_LANES: lanes.length };
  const specs = paths
    .filter((path) => existsSync(join(root, path)))
    .map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.test.ts`));
  const colour = !shown && process.stdout.isTTY ? ['--color'] : [];
  const mocha = spawn(process.execPath, [...['--import', 'tsx', mochaCli, ...colour], ...options, ...specs], {
    cwd: root,
    env: { ...env, ...settings, ...lane },
    stdio: shown ? ['inherit', 'inherit', 'inherit', 'ipc'] : ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed = [];
  for (const stream of shown ? [] : [mocha.stdout, mocha.stderr]) {
    stream.on('data', (chunk) => printed.push(chunk));
  }
  return { mocha, ended: outcome(mocha, paths, settings), kept: () => Buffer.concat(printed) };
}

/** Resolves with the figures of a run once its process has ended. */
function outcome(mocha, paths, settings = {}) {
  const under = Object.entries(settings).map(([name, value]) => `, with ${name}=${value}`);
  let figures;
  let leftOpen = false;
  mocha.on('message', (message) => {
    figures = message;
    setTimeout(() => {
      leftOpen = true;
      mocha.kill('SIGKILL');
    }, PATIENCE_MS).unref();
  });
  return new Promise((resolve) => {
    mocha.on('close', (code) => {
      const problems = (figures?.failed ?? []).map((title) => title + under.join(''));
      if (!figures) problems.push(`The run of ${paths.join(', ')} ended before it could report.`);
      if (leftOpen) {
        problems.push(
          `Something that ${paths.join(', ')} opened kept the process alive after its last test.`,
        );
      }
      if (code !== 0 && problems.length === 0) problems.push(`mocha ended with code ${code}.`);
      resolve({ passes: figures?.passes ?? 0, problems });
    });
  });
}

/** The end of the output: what failed by name, since its report may lie far above, and one line for all runs. */
function summarise(all) {
  const problems = all.flatMap((result) => result.problems);
  const passes = all.reduce((sum, result) => sum + result.passes, 0);
  if (problems.length > 0) console.log(`\nFailed, with the report above:\n  ${problems.join('\n  ')}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
  console.log(`Took ${Math.round((performance.now() - began) / 1000)} s`);
  console.log(`${passes} passed, ${problems.length} failed`);
}
