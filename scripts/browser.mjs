// Tests the editor in a headless Chromium: `npm run test:browser`. Screenshots go to .cache/screenshots.
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

prepare();
const mocha = realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'));
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', mocha, 'test/editor/**/*.test.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
