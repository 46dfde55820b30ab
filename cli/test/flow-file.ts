import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { UsageError } from '../arguments';

/** A node as flow files store it. */
export interface StoredNode {
  readonly id: string;
  readonly type: string;
  readonly name?: unknown;
  readonly [field: string]: unknown;
}

/** A flow file that was read. */
export interface FlowFile {
  /** Its name in output and reports: relative to the current folder, with slashes. */
  readonly name: string;
  readonly folder: string;
  readonly nodes: readonly StoredNode[];
  /** The file as it is, to tell what is no secret because it stands there. */
  readonly text: string;
  /** Where Node-RED would keep the credentials of this file. */
  readonly credentialsFile: string;
}

/**
 * Reads a flow file: a list of nodes as the editor exports it and as Node-RED stores it, or an object with it in `flows`.
 *
 * @throws UsageError for a file that is missing, empty, or no flow file
 */
export function readFlowFile(path: string, cwd: string): FlowFile {
  const file = resolve(cwd, path);
  const text = textOf(file, path);
  const nodes = nodesOf(text, path);
  const extension = extname(file);
  const credentials = `${basename(file, extension)}_cred${extension}`;
  return {
    name: relative(cwd, file).split(sep).join('/'),
    folder: dirname(file),
    nodes,
    text,
    credentialsFile: join(dirname(file), credentials),
  };
}

/**
 * The text of a file that was named on the command line.
 *
 * @throws UsageError with what is wrong with it
 */
export function textOf(file: string, shown: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(`There is no file ${shown}.`);
    if (code === 'EISDIR') throw new UsageError(`${shown} is a folder; name the flow files in it.`);
    throw new UsageError(`${shown} cannot be read: ${message}.`);
  }
}

/** Text of a file; nothing of one that cannot be read, which its reader will say. */
export function textIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @throws UsageError for a text that is no JSON */
export function jsonOf(text: string, shown: string): unknown {
  if (text.trim() === '') throw new UsageError(`${shown} is empty.`);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may be a password.
    throw new UsageError(`${shown} is no JSON.`);
  }
}

function nodesOf(text: string, shown: string): StoredNode[] {
  const parsed = jsonOf(text, shown);
  const list: unknown = Array.isArray(parsed) ? parsed : (parsed as { flows?: unknown } | null)?.flows;
  if (!Array.isArray(list) || !list.every(isNode)) {
    throw new UsageError(
      `${shown} is no flow file: it has to be a list of nodes, as the editor exports them.`,
    );
  }
  if (list.length === 0) throw new UsageError(`${shown} has no nodes.`);
  return list;
}

function isNode(value: unknown): value is StoredNode {
  if (typeof value !== 'object' || value === null) return false;
  const { id, type } = value as Partial<StoredNode>;
  return typeof id === 'string' && typeof type === 'string';
}
