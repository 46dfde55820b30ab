import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');

/** A file of the package, as its tarball holds it. */
export interface PackedFile {
  path: string;
  size: number;
}

export interface Tarball {
  /** Absolute path. */
  file: string;
  files: PackedFile[];
}

let tarball: Tarball | undefined;

/** The package as npm would publish it, packed once for all tests of this process. */
export function packed(): Tarball {
  if (tarball) return tarball;
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-tarball-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const listed = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT);
  const [made] = Object.values(
    JSON.parse(listed) as Record<string, { filename: string; files: PackedFile[] }>,
  );
  if (!made) throw new Error('npm pack made nothing');
  return (tarball = { file: join(folder, made.filename), files: made.files });
}

/** Runs npm without a network; what it prints. */
export function npm(args: readonly string[], cwd: string): string {
  const program = process.env.npm_execpath;
  const own = program !== undefined && /\.[cm]?js$/.test(program);
  const result = own
    ? spawnSync(process.execPath, [program, ...args], { cwd, encoding: 'utf8' })
    : spawnSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  if (result.status !== 0) throw new Error(`npm ${args.join(' ')} failed: ${result.stderr}`);
  return result.stdout;
}
