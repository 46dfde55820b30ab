import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Redis } from 'ioredis';
import { UsageError } from '../arguments';
import type { FlowFile, StoredNode } from '../test/flow-file';
import type { SuiteFile } from '../test/flow-run';
import type { Credentials } from '../test/credentials';
import { getBlob, putBlob } from './blobs';

/** A flow file with everything beside it that it needs, as data; the files themselves lie in Redis by their hash. */
export interface Bundle {
  /** Name of the flow file as reports say it. */
  name: string;
  /** Hash of the JSON of its nodes. */
  flow: string;
  /** Hash of the JSON of its credentials. */
  credentials: string;
  /** Files below the folder of the flow. */
  files: { path: string; hash: string }[];
  /** Variables of `--env-file`, and those that the flow names. */
  env: Record<string, string>;
}

/** Limits of what travels with a run. */
const MOST = { files: 2000, bytes: 512 << 20 } as const;

/**
 * Puts a flow, its credentials, and the files that it names by a relative path into Redis.
 *
 * @param further files and folders beside the flow that it finds by other means, and files that get a name there
 * @throws UsageError for files that are too many, too large, or elsewhere
 */
export async function putBundle(
  redis: Redis,
  { flow, credentials }: SuiteFile,
  further: { beside?: readonly string[]; renamed?: readonly { path: string; file: string }[] },
  env: Record<string, string>,
): Promise<Bundle> {
  const paths = [
    ...new Set([...namedFiles(flow), ...(further.beside ?? []).flatMap((path) => filesAt(flow, path))]),
  ];
  const all = [...paths.map((path) => ({ path, file: join(flow.folder, path) })), ...(further.renamed ?? [])];
  if (all.length > MOST.files)
    throw new UsageError(`More than ${MOST.files} files would travel with the run.`);
  const bytes = all.reduce((sum, { file }) => sum + statSync(file).size, 0);
  if (bytes > MOST.bytes) throw new UsageError(`The files of the run have more than ${MOST.bytes >> 20} MB.`);
  const files: Bundle['files'] = [];
  for (const { path, file } of all) files.push({ path, hash: await putBlob(redis, readFileSync(file)) });
  return {
    name: flow.name,
    flow: await putBlob(redis, Buffer.from(JSON.stringify(flow.nodes))),
    credentials: await putBlob(redis, Buffer.from(JSON.stringify(credentials))),
    files,
    env,
  };
}

/**
 * Writes the files of a bundle into a folder, and returns the flow as if it had been read there.
 *
 * @throws UsageError for files that are not there any more, or lie outside of the folder
 */
export async function openBundle(redis: Redis, bundle: Bundle, folder: string): Promise<SuiteFile> {
  for (const { path, hash } of bundle.files) {
    const file = resolve(folder, path);
    if (!isBelow(folder, file)) throw new UsageError(`The run has a file ${path}, outside of its folder.`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await getBlob(redis, hash));
  }
  const text = (await getBlob(redis, bundle.flow)).toString();
  const credentials = JSON.parse((await getBlob(redis, bundle.credentials)).toString()) as Credentials;
  const nodes = JSON.parse(text) as StoredNode[];
  const credentialsFile = join(folder, `${basename(bundle.name, '.json')}_cred.json`);
  return { flow: { name: bundle.name, folder, nodes, text, credentialsFile }, credentials };
}

/** Variables that a flow names, as `${NAME}` or in the words of a function or an expression, and that are set. */
export function namedVariables(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const names = [...text.matchAll(/\$\{(\w+)\}|env\(\s*\\?["'](\w+)|env\.get\(\s*\\?["'](\w+)/g)].map(
    ([, field, expression, code]) => field ?? expression ?? code,
  );
  const found = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return Object.fromEntries(found);
}

/** Relative paths in the fields of nodes that are files below the folder of the flow, or folders where a field says so. */
function namedFiles(flow: FlowFile): string[] {
  const found = new Set<string>();
  const look = (value: unknown, field: string): void => {
    if (typeof value === 'string') {
      if (isPath(value))
        for (const path of filesAt(flow, value, { isFolder: /dir|folder/i.test(field) })) found.add(path);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) look(member, Array.isArray(value) ? field : name);
    }
  };
  flow.nodes.forEach((node) => look(node, ''));
  return [...found];
}

const LONGEST_PATH = 300;

function isPath(text: string): boolean {
  return (
    text.length > 0 &&
    text.length <= LONGEST_PATH &&
    text !== '.' &&
    !isAbsolute(text) &&
    !/[\0\n]/.test(text) &&
    !/^\w+:\/\//.test(text)
  );
}

/**
 * The files at a path, with slashes.
 *
 * @param guess of a text that may be no path at all: then nothing, and a folder only where one is meant
 */
function filesAt(flow: FlowFile, path: string, guess?: { isFolder: boolean }): string[] {
  const whole = resolve(flow.folder, path);
  const what = statSync(whole, { throwIfNoEntry: false });
  if (!what || !isBelow(flow.folder, whole)) {
    if (guess) return [];
    throw new UsageError(
      what
        ? `${path} does not lie below the folder of the flow.`
        : `There is no file ${path} beside the flow.`,
    );
  }
  if (what.isFile()) return [withSlashes(relative(flow.folder, whole))];
  if (!what.isDirectory() || guess?.isFolder === false) return [];
  return readdirSync(whole, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => withSlashes(relative(flow.folder, join(entry.parentPath, entry.name))));
}

function isBelow(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '' && !inside.startsWith('..') && !isAbsolute(inside);
}

function withSlashes(path: string): string {
  return path.split(sep).join('/');
}
