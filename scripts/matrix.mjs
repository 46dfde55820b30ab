// Runs the node tests and the packed package on every supported pair of Node.js and Node-RED: `npm run test:matrix`.
// A cell may be named: `npm run test:matrix -- 22`. SIPFLOW_MATRIX_DIR is where the versions are kept between runs.
import { Buffer } from 'node:buffer';
import { spawn, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';
import { nodeProgram, nodeRedPackage, versionOf } from './versions.mjs';

const CELLS = [
  { node: '20', nodeRed: '4.1' },
  { node: '22', nodeRed: '5' },
  { node: '24', nodeRed: '5' },
];
const SPECS = ['test/nodes/**/*.test.ts', 'test/matrix/**/*.test.ts'];

/** The tests wait for audio most of their time, so that two cells side by side take little more than one. */
const LANES = Math.min(2, availableParallelism());

prepare();
const wanted = process.argv.slice(2);
const open = CELLS.filter(({ node }) => wanted.length === 0 || wanted.includes(node)).map(install);
const results = [];
await Promise.all(Array.from({ length: LANES }, runAll));
console.log('\nMatrix:');
for (const { cell, versions, passed } of results)
  console.log(`  ${passed ? 'passed' : 'FAILED'}  ${cell}: ${versions}`);
process.exitCode = results.length > 0 && results.every(({ passed }) => passed) ? 0 : 1;

/** Finds or installs what a cell needs; one after the other, because they share a folder. */
function install({ node, nodeRed }) {
  return { node, nodeRed, program: nodeProgram(node), nodeRedFolder: nodeRedPackage(nodeRed) };
}

/** Runs cells until none is left. */
async function runAll() {
  for (let next = open.shift(); next; next = open.shift()) results.push(await run(next));
}

/** Runs the tests of a cell, and prints what they said in one piece. */
async function run({ node, nodeRed, program, nodeRedFolder }) {
  const cell = `Node.js ${node} with Node-RED ${nodeRed}`;
  if (!program || !nodeRedFolder) return { cell, versions: 'could not be installed', passed: false };
  const ran = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const mocha = realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'));
  const tests = spawn(program, ['--import', 'tsx', mocha, ...SPECS], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      SIPFLOW_DOTS: '1',
      SIPFLOW_NODE_RED: nodeRedFolder,
      SIPFLOW_NODE_RED_VERSION: nodeRed,
    },
  });
  const printed = [];
  for (const stream of [tests.stdout, tests.stderr]) stream.on('data', (chunk) => printed.push(chunk));
  const code = await new Promise((resolve) => tests.on('close', resolve));
  process.stdout.write(`\n${cell}\n${Buffer.concat(printed)}`);
  return { cell, versions: `Node.js ${ran}, Node-RED ${versionOf(nodeRedFolder)}`, passed: code === 0 };
}
