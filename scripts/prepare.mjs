// Makes a checkout ready to run: installs and builds only the parts that are missing or out of date.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './npm.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const OLDEST_NODE = [20, 19];
const SOURCES = [
  'cli',
  'lib',
  'nodes',
  'plugins',
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
const STAMP = join(root, '.cache', 'built');

/** Exits with a sentence when something cannot be made ready. */
export function prepare() {
  requireNode();
  if (!isInstalled()) install();
  if (!isBuilt()) build();
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  stop(`Node.js ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.version}.`);
}

/**
 * Whether node_modules holds what package-lock.json says. Versions are compared, because the times of a
 * fresh clone or of a branch switch say nothing. What npm may leave out on this platform is not looked at.
 */
function isInstalled() {
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  if (!installed || !wanted) return false;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' || entry.optional || entry.devOptional || installed[path]?.version === entry.version,
  );
}

function install() {
  console.log('Installing dependencies (npm ci) …');
  if (!npm('ci', root)) stop('The dependencies could not be installed; npm says why above.');
}

function isBuilt() {
  if (!existsSync(join(root, 'dist', 'nodes')) || !existsSync(STAMP)) return false;
  return readFileSync(STAMP, 'utf8') === fingerprint();
}

function build() {
  console.log('Building …');
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) stop('The build failed; the compiler says why above.');
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, fingerprint());
}

/** Changes whenever a source is added, removed or written. */
function fingerprint() {
  const files = SOURCES.flatMap((source) => filesBelow(join(root, source)));
  const newest = Math.max(...files.map((file) => statSync(file).mtimeMs));
  return `${files.length} files, newest ${newest}\n`;
}

function filesBelow(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [path];
  // Files that the build writes among the sources would make every build look old.
  return readdirSync(path)
    .filter((name) => name !== 'generated')
    .flatMap((name) => filesBelow(join(path, name)));
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function stop(sentence) {
  console.error(`\n${sentence}`);
  process.exit(1);
}
