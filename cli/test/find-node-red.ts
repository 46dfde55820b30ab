import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { UsageError } from '../arguments';

const OLDEST = [4, 1];

/** Node-RED as it is installed somewhere. */
export interface NodeRedFound {
  /** Folder of its package. */
  folder: string;
  version: string;
}

/**
 * Looks for Node-RED from the current folder up, beside this package, and among the programs of the machine.
 *
 * @param cwd current folder
 * @throws UsageError when there is none, or only one that is too old
 */
export function findNodeRed(cwd: string, env: Readonly<Record<string, string | undefined>>): NodeRedFound {
  const places = [() => from(join(cwd, 'any.js')), () => from(__filename), () => onPath(env), askNpm];
  let tooOld: NodeRedFound | undefined;
  for (const look of places) {
    const folder = look();
    const version = folder === undefined ? undefined : versionOf(folder);
    if (folder === undefined || version === undefined) continue;
    if (isNewEnough(version)) return { folder, version };
    tooOld ??= { folder, version };
  }
  const what = tooOld
    ? `Node-RED ${tooOld.version} in ${tooOld.folder} is too old`
    : 'Node-RED is not installed here, beside this package or globally';
  throw new UsageError(`${what}. Install it: npm install node-red`);
}

/** Node-RED as a module in this place would find it. */
function from(file: string): string | undefined {
  try {
    return dirname(createRequire(file).resolve('node-red/package.json'));
  } catch {
    return undefined;
  }
}

/** The package of the first program `node-red` on the search path, which is a link into it. */
function onPath({ PATH = '' }: Readonly<Record<string, string | undefined>>): string | undefined {
  for (const folder of PATH.split(delimiter)) {
    const program = join(folder, 'node-red');
    if (folder === '' || !existsSync(program)) continue;
    const inPackage = from(realpathSync(program));
    if (inPackage !== undefined) return inPackage;
    // On Windows the program is a script beside node_modules.
    if (versionOf(join(folder, 'node_modules', 'node-red'))) return join(folder, 'node_modules', 'node-red');
  }
  return undefined;
}

const NPM_WITHIN_MS = 10_000;

function askNpm(): string | undefined {
  const windows = process.platform === 'win32';
  const { stdout } = spawnSync('npm', ['root', '--global'], {
    encoding: 'utf8',
    shell: windows,
    timeout: NPM_WITHIN_MS,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return stdout ? join(stdout.trim(), 'node-red') : undefined;
}

function versionOf(folder: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name?: string;
      version?: string;
    };
    return name === 'node-red' ? version : undefined;
  } catch {
    return undefined;
  }
}

function isNewEnough(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
