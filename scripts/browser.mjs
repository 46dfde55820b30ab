// Tests the editor in a headless Chromium: `npm run test:browser`. Screenshots go to .cache/screenshots.
// A Node-RED may be named: `npm run test:browser -- 5`. Other arguments go to mocha.
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';
import { nodeProgram, nodeRedPackage, versionOf } from './versions.mjs';

/** The oldest and the newest editor; the Node.js of the second is one that it runs on. */
const CELLS = [
  { nodeRed: '4.1', node: process.versions.node.split('.')[0] },
  { nodeRed: '5', node: '24' },
];

prepare();
const wanted = process.argv.slice(2).filter((argument) => CELLS.some(({ nodeRed }) => nodeRed === argument));
const options = process.argv.slice(2).filter((argument) => !wanted.includes(argument));
const mocha = realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'));
for (const cell of CELLS.filter(({ nodeRed }) => wanted.length === 0 || wanted.includes(nodeRed))) run(cell);

function run({ nodeRed, node }) {
  const program = nodeProgram(node);
  const folder = nodeRedPackage(nodeRed);
  if (!program || !folder) {
    console.log(`\nNode-RED ${nodeRed} or Node.js ${node} could not be installed: its editor is not tested.`);
    if (process.env.CI) process.exitCode = 1;
    return;
  }
  console.log(`\nThe editor of Node-RED ${versionOf(folder)}`);
  const { status } = spawnSync(program, ['--import', 'tsx', mocha, 'test/editor/**/*.test.ts', ...options], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SIPFLOW_NODE_RED: folder },
  });
  if (status !== 0) process.exitCode = status ?? 1;
}
