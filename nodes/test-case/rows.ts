import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { parse, type CsvError } from 'csv-parse/sync';
import { SipflowError } from '../../lib/common';
import { kindOf } from '../shared/field-values';

/** Rows of a table as a case runs them: values by their names. */
export type Row = Record<string, unknown>;

/** Limits of a table. */
interface TableLimits {
  rows: number;
  /** Bytes of a CSV file. */
  bytes: number;
}

const RUN_TABLE: TableLimits = { rows: 10_000, bytes: 10_000_000 };
/** Limits of the table of a load, of which each start takes one row. */
export const LOAD_TABLE: TableLimits = { rows: 1_000_000, bytes: 100_000_000 };

/** The examples of this package, with their tables. */
const EXAMPLES = resolve(__dirname, '../../examples');

/** Folders of Node-RED's settings that relative paths start at. */
export interface TableFolders {
  /** On the command line that of the flow file. */
  fileWorkingDirectory?: string;
  userDir?: string | undefined;
}

/**
 * The rows of a table that is written, computed or in a CSV file; undefined for none. A relative path starts at
 * `fileWorkingDirectory` or else at the user directory; last it may name a table of the examples of this package.
 *
 * @param limits 1 to 10,000 rows when absent
 * @throws SipflowError BAD_CONFIG for what is no table within the limits, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function rowsOf(
  table: { type: string; value: unknown } | undefined,
  { fileWorkingDirectory, userDir }: TableFolders,
  limits = RUN_TABLE,
): Promise<Row[] | undefined> {
  if (!table) return undefined;
  if (table.type !== 'csv') return toRows(table.value, limits);
  return readTable(table.value, fileWorkingDirectory ?? userDir ?? process.cwd(), limits);
}

function toRows(value: unknown, limits: TableLimits): Row[] {
  if (!Array.isArray(value)) {
    throw notATable(`must be a list of objects, one for each row; it is ${kindOf(value)}`);
  }
  const strange = value.findIndex((row) => typeof row !== 'object' || row === null || Array.isArray(row));
  if (strange >= 0)
    throw notATable(`must be a list of objects; row ${strange + 1} is ${kindOf(value[strange])}`);
  return limited(value as Row[], limits);
}

async function readTable(path: unknown, folder: string, limits: TableLimits): Promise<Row[]> {
  if (typeof path !== 'string' || path.trim() === '') throw notATable('must name a CSV file');
  const file = await found(path.trim(), folder);
  return limited(parsed(await contentOf(file, limits.bytes), path), limits);
}

/**
 * The rows of a CSV text with the names of its columns in the first line. Fields are separated by commas, semicolons or
 * tabs, whichever the first line has most; values are text.
 *
 * @param name of the file, for sentences
 * @throws SipflowError BAD_CONFIG naming the line for what is no table
 */
export function parsed(text: string, name: string): Row[] {
  if (text.includes('\0')) throw notATable(`names "${name}", which is no text`);
  try {
    return parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      columns: (names: string[]) => columnsOf(names, name),
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    if (error instanceof SipflowError) throw error;
    const { message, lines } = error as CsvError & { lines?: number };
    const where = lines === undefined ? '' : `, line ${lines}`;
    throw notATable(`names "${name}", which is no table${where}: ${message}`, error);
  }
}

/** The separator that the first line has most of outside of quotation marks. */
function delimiterOf(text: string): string {
  const [first = ''] = text.replace(/^\uFEFF/, '').split(/\r?\n|\r/, 1);
  const bare = first.replace(/"[^"]*"/g, '');
  const count = (character: string): number => bare.split(character).length;
  return [',', ';', '\t'].reduce((best, each) => (count(each) > count(best) ? each : best));
}

function columnsOf(names: readonly string[], name: string): string[] {
  const columns = names.map((column) => column.trim());
  const blank = columns.indexOf('');
  if (blank >= 0) throw notATable(`names "${name}", whose first line has no name for column ${blank + 1}`);
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw notATable(`names "${name}", whose first line has "${twice}" twice`);
  return columns;
}

function limited(rows: Row[], { rows: most }: TableLimits): Row[] {
  if (rows.length > 0 && rows.length <= most) return rows;
  throw notATable(`must have 1 to ${most} rows; it has ${rows.length}`);
}

async function found(path: string, folder: string): Promise<string> {
  const candidates = isAbsolute(path) ? [path] : [join(folder, path), join(EXAMPLES, path)];
  for (const candidate of candidates) {
    const info = await stat(candidate).catch(() => undefined);
    if (info?.isFile()) return candidate;
  }
  const sentence = `There is no table "${path}"${isAbsolute(path) ? '' : `; a relative path starts at ${folder}`}.`;
  throw new SipflowError('FILE_NOT_FOUND', sentence, { field: 'rows' });
}

async function contentOf(file: string, most: number): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > most) throw notATable(`names a file of ${size} bytes; a table has at most ${most}`);
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof SipflowError) throw cause;
    throw new SipflowError('FILE_ACCESS', `The table "${file}" cannot be read.`, { cause, field: 'rows' });
  }
}

function notATable(what: string, cause?: unknown): SipflowError {
  return new SipflowError('BAD_CONFIG', `The field "rows" ${what}.`, { cause, field: 'rows' });
}
