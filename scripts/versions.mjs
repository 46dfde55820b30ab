// Other versions of Node.js and Node-RED than those of this checkout, and packages to compare with, installed once and
// kept for later runs.
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm } from './npm.mjs';
import { root } from './prepare.mjs';

// Outside of the checkout, because a package `node` beside ours would put its program before the real one.
const scratch = process.env.SIPFLOW_MATRIX_DIR || join(tmpdir(), 'sipflow-matrix');

/** The program of a Node.js of this major version: the running one, or one from npm; undefined when there is none. */
export function nodeProgram(version) {
  if (process.versions.node.startsWith(`${version}.`)) return process.execPath;
  const folder = installed(`node-${version}`, `node@${version}`);
  const program = folder && join(folder, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return program && existsSync(program) ? program : undefined;
}

/** The folder of the package `node-red`: ours when it is of that version, else one from npm, or undefined. */
export function nodeRedPackage(version) {
  const own = join(root, 'node_modules', 'node-red');
  if (versionOf(own).startsWith(`${version}.`)) return realpathSync(own);
  const folder = installed(`node-red-${version}`, `node-red@${version}`);
  return folder && join(folder, 'node-red');
}

/** The folder of any package in exactly this version; undefined when it cannot be had. */
export function foreignPackage(name, version) {
  const modules = installed(`${name}-${version}`, `${name}@${version}`);
  return modules && join(modules, name);
}

/** The version of the package in a folder. */
export function versionOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

/** The node_modules of a scratch folder that holds one package; undefined when npm fails. */
function installed(name, spec) {
  const folder = join(scratch, name);
  const modules = join(folder, 'node_modules');
  if (existsSync(join(modules, '.package-lock.json'))) return modules;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  console.log(`Installing ${spec} in ${folder} …`);
  return npm(`install --no-audit --no-fund --silent ${spec}`, folder) ? modules : undefined;
}
