// Runs the node tests and the packed package on every supported pair of Node.js and Node-RED: `npm run test:matrix`.
// A cell may be named: `npm run test:matrix -- 22`. SIPFLOW_MATRIX_DIR is where the versions are kept between runs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const CELLS = [
  { node: '20', nodeRed: '4.1' },
  { node: '22', nodeRed: '5' },
  { node: '24', nodeRed: '5' },
];
const SPECS = ['test/nodes/**/*.test.ts', 'test/matrix/**/*.test.ts'];
// Outside of the checkout, because a package `node` beside ours would put its program before the real one.
const scratch = process.env.SIPFLOW_MATRIX_DIR || join(tmpdir(), 'sipflow-matrix');

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
  const program = process.versions.node.startsWith(`${node}.`) ? process.execPath : nodeProgram(node);
  const nodeRedFolder = nodeRedPackage(nodeRed);
  if (!program || !nodeRedFolder) return { cell, versions: 'could not be installed', passed: false };
  const { version } = JSON.parse(readFileSync(join(nodeRedFolder, 'package.json'), 'utf8'));
  const ran = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const mocha = realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'));
  const { status } = spawnSync(program, ['--import', 'tsx', mocha, '--reporter', 'dot', ...SPECS], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SIPFLOW_NODE_RED: nodeRedFolder, SIPFLOW_NODE_RED_VERSION: nodeRed },
  });
  return { cell, versions: `Node.js ${ran}, Node-RED ${version}`, passed: status === 0 };
}

/** The program of a Node.js from npm, or undefined when it cannot be had. */
function nodeProgram(version) {
  const folder = installed(`node-${version}`, `node@${version}`);
  const program = folder && join(folder, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return program && existsSync(program) ? program : undefined;
}

/** The folder of the package `node-red`: ours when it is of that version, else one from npm. */
function nodeRedPackage(version) {
  const own = join(root, 'node_modules', 'node-red');
  const { version: ownVersion } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
  if (ownVersion.startsWith(`${version}.`)) return realpathSync(own);
  const folder = installed(`node-red-${version}`, `node-red@${version}`);
  return folder && join(folder, 'node-red');
}

/** The node_modules of a scratch folder that holds one package; undefined when npm fails. */
function installed(name, spec) {
  const folder = join(scratch, name);
  const modules = join(folder, 'node_modules');
  if (existsSync(join(modules, '.package-lock.json'))) return modules;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  console.log(`Installing ${spec} in ${folder} …`);
  const { status } = spawnSync(`npm install --no-audit --no-fund --silent ${spec}`, {
    cwd: folder,
    stdio: 'inherit',
    shell: true,
  });
  return status === 0 ? modules : undefined;
}
