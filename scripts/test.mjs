// Runs every test that needs no foreign program: `npm test`, or `npm test -- test/unit/sdp --grep codec`.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const SUITES = ['test/unit', 'test/wire', 'test/nodes', 'test/package'];
/** A run that has reported its figures and still does not end has left something open. */
const PATIENCE_MS = 20000;

prepare();

const extra = process.argv.slice(2);
const named = extra.filter((argument) => existsSync(join(root, argument)));
const options = extra.filter((argument) => !named.includes(argument));
const specs = (named.length > 0 ? named : SUITES)
  .filter((path) => existsSync(join(root, path)))
  .map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.test.ts`));

// mocha's command line runs only when it is started by its real path, which a linked checkout hides.
const mochaCli = realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'));
const mocha = spawn(
  process.execPath,
  [
    ...['--import', 'tsx', mochaCli],
    ...['--reporter', join(root, 'scripts/reporter.cjs'), ...options, ...specs],
  ],
  { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] },
);

let figures;
let leftOpen = false;
mocha.on('message', (message) => {
  figures = message;
  setTimeout(() => {
    leftOpen = true;
    mocha.kill('SIGKILL');
  }, PATIENCE_MS).unref();
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => mocha.kill(signal));

mocha.on('close', (code) => {
  const { passes, failures } = figures ?? { passes: 0, failures: 0 };
  if (!figures) console.error('\nThe test run ended before it could report.');
  if (leftOpen) console.error('\nThe tests ended, but something that they opened kept the process alive.');
  const failed = failures > 0 || leftOpen || !figures ? Math.max(failures, 1) : 0;
  process.exitCode = failed > 0 || code !== 0 ? 1 : 0;
  console.log(`${passes} passed, ${failed} failed`);
});
