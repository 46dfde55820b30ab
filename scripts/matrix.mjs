// Runs the node tests and the packed package on every supported pair of Node.js and Node-RED: `npm run test:matrix`.
// A cell may be named: `npm run test:matrix -- 22`. SIPFLOW_MATRIX_DIR is where the versions are kept between runs.
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';
import { nodeProgram, nodeRedPackage, versionOf } from './versions.mjs';

const CELLS = [
  { node: '20', nodeRed: '4.1' },
  { node: '22', nodeRed: '5' },
  { node: '24', nodeRed: '5' },
];
const SPECS = ['test/nodes/**/*.test.ts', 'test/matrix/**/*.test.ts'];

prepare();
const wanted = process.argv.slice(2);
const results = CELLS.filter(({ node }) => wanted.length === 0 || wanted.includes(node)).map(run);
console.log('\nMatrix:');
for (const { cell, versions, passed } of results)
  console.log(`  ${passed ? 'passed' : 'FAILED'}  ${cell}: ${versions}`);
process.exitCode = results.length > 0 && results.every(({ passed }) => passed) ? 0 : 1;

function run({ node, nodeRed }) {
  const cell = `Node.js ${node} with Node-RED ${nodeRed}`;
  console.log(`\n${cell}`);
  const program = nodeProgram(node);
  const nodeRedFolder = nodeRedPackage(nodeRed);
  if (!program || !nodeRedFolder) return { cell, versions: 'could not be installed', passed: false };
  const ran = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const mocha = realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'));
  const { status } = spawnSync(program, ['--import', 'tsx', mocha, '--reporter', 'dot', ...SPECS], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SIPFLOW_NODE_RED: nodeRedFolder, SIPFLOW_NODE_RED_VERSION: nodeRed },
  });
  return { cell, versions: `Node.js ${ran}, Node-RED ${versionOf(nodeRedFolder)}`, passed: status === 0 };
}
