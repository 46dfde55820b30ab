import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A program and how to call it: some peers are unpacked beside the system, with a loader of their own. */
export interface Program {
  file: string;
  /** Comes before the program's own arguments. */
  prefix: readonly string[];
}

/** Where `npm run test:interop -- --fetch` keeps what it unpacked. */
export function peersDir(): string {
  return process.env.SIPFLOW_PEERS_DIR || join(homedir(), '.cache', 'sipflow-peers');
}

/** A program of the system, by its name, or undefined when it is not installed. */
export function installed(name: string): Program | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
  const file = folders.map((folder) => join(folder, name)).find(isExecutable);
  return file ? { file, prefix: [] } : undefined;
}

/** The root folder of an unpacked peer, or undefined when it is not there. */
export function unpackedRoot(peer: string): string | undefined {
  const root = join(peersDir(), peer, 'root');
  return existsSync(root) ? root : undefined;
}

/** A program below an unpacked root, run by the C library that was unpacked with it. */
export function unpacked(peer: string, path: string): Program | undefined {
  const root = unpackedRoot(peer);
  if (!root || !existsSync(join(root, path))) return undefined;
  const libraries = ['usr/lib', 'lib']
    .flatMap((base) => subfoldersOf(join(root, base), /-linux-gnu$/))
    .flatMap((folder) => [folder, ...['blas', 'lapack', 'pulseaudio'].map((name) => join(folder, name))]);
  const loader = libraries
    .flatMap((folder) => subfoldersOf(folder, /^ld-linux-.*\.so\.\d$/))
    .find((file) => existsSync(file));
  if (!loader) return undefined;
  return { file: loader, prefix: ['--library-path', libraries.join(':'), join(root, path)] };
}

function subfoldersOf(folder: string, name: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((entry) => name.test(entry))
    .map((entry) => join(folder, entry));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
