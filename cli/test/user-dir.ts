import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { name as ownName } from '../../package.json';
import { UsageError } from '../arguments';

/** This package, which the runtimes load, whatever version another folder has. */
const OWN_FOLDER = join(__dirname, '..', '..');

/** User directory of one runtime, gone afterwards. */
export interface UserDir {
  readonly path: string;
  remove(): void;
}

/**
 * Makes a user directory with this package and, linked, everything that is installed in another one. That one is neither
 * written nor are its settings and flows used.
 *
 * @throws UsageError when the other folder is not there
 */
export function makeUserDir(other: string | undefined): UserDir {
  if (other !== undefined && !existsSync(other)) throw new UsageError(`There is no folder ${other}.`);
  const path = mkdtempSync(join(tmpdir(), 'sipflow-'));
  const modules = join(path, 'node_modules');
  link(OWN_FOLDER, join(modules, ownName));
  // Node-RED complains of a user directory without it.
  writeFileSync(join(path, 'package.json'), '{}');
  if (other !== undefined) linkInstalled(resolve(other), path);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function linkInstalled(from: string, to: string): void {
  const packageFile = join(from, 'package.json');
  if (existsSync(packageFile)) copyFileSync(packageFile, join(to, 'package.json'));
  for (const folder of ['nodes', 'lib']) linkOnce(join(from, folder), join(to, folder));
  for (const name of packagesIn(join(from, 'node_modules'))) {
    linkOnce(join(from, 'node_modules', name), join(to, 'node_modules', name));
  }
}

/** Names of packages, those in a scope with their scope. */
function packagesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(folder, name)).map((inside) => `${name}/${inside}`) : [name],
    );
}

function linkOnce(target: string, path: string): void {
  if (existsSync(target) && !existsSync(path)) link(target, path);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  // A junction needs no rights of an administrator on Windows.
  symlinkSync(target, path, 'junction');
}
