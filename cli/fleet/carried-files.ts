import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { withFiles, type Verdict } from '../../lib/testing';
import type { TestResult } from './test-job';
import type { TestStore } from './test-store';

/** A verdict whose files lie in Redis. */
type Carried = Pick<TestResult, 'files'> & { verdict: Verdict };

/**
 * Puts the files that a verdict names into Redis, and names them by their place in the output folder.
 *
 * @param folder output folder of this machine; its files are gone afterwards
 */
export async function sendFiles(verdict: Verdict, folder: string, store: TestStore): Promise<Carried> {
  const places = new Map<string, string>();
  withPaths(verdict, (file) => {
    if (existsSync(file)) places.set(file, placeOf(file, folder));
    return file;
  });
  const files: Carried['files'][number][] = [];
  for (const [file, path] of places) {
    files.push({ path, id: await store.put(await readFile(file)) });
    if (isBelow(folder, file)) await rm(file, { force: true });
  }
  return { verdict: withPaths(verdict, (file) => places.get(file) ?? file), files };
}

/** Writes the files of a verdict into the output folder, and names them by where they lie then. */
export async function takeFiles(
  { verdict, files }: Carried,
  folder: string,
  store: TestStore,
): Promise<Verdict> {
  const places = new Map<string, string>();
  for (const { path, id } of files) {
    const wanted = resolve(folder, path);
    const bytes = isBelow(folder, wanted) ? await store.get(id) : undefined;
    if (!bytes) continue;
    const file = freePath(wanted);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    places.set(path, file);
  }
  return withPaths(verdict, (path) => places.get(path) ?? path);
}

function withPaths(verdict: Verdict, move: (file: string) => string): Verdict {
  return { ...verdict, attempts: verdict.attempts.map((attempt) => withFiles(attempt, move)) };
}

function placeOf(file: string, folder: string): string {
  const place = isBelow(folder, file) ? relative(folder, file) : join('files', basename(file));
  return place.split(sep).join('/');
}

function isBelow(folder: string, file: string): boolean {
  const inside = relative(folder, file);
  return inside !== '' && !inside.startsWith('..') && !isAbsolute(inside);
}

/** Machines give their files the same names. */
function freePath(wanted: string): string {
  const { dir, name, ext } = parse(wanted);
  let path = wanted;
  for (let number = 2; existsSync(path); number++) path = join(dir, `${name}-${number}${ext}`);
  return path;
}
