import type { CaseInfo } from '../runtime/protocol';

/** A part of a run: `--shard 2/3` is the second of three. */
export interface Shard {
  index: number;
  of: number;
}

/** Row of a table, counted from 1; null for a case without one. */
export type Row = number | null;

/** Selection of cases by the command line. */
export interface Selection {
  readonly title?: RegExp;
  /** A case with one of them is taken. */
  readonly tags: readonly string[];
}

/** Whether a case is selected. */
export function isSelected({ title, tags }: CaseInfo, wanted: Selection): boolean {
  if (wanted.title && !wanted.title.test(title)) return false;
  return wanted.tags.length === 0 || wanted.tags.some((tag) => tags.includes(tag));
}

/** Name of a case and row within a run. */
export function unitOf(file: string, { id }: CaseInfo, row: Row): string {
  return JSON.stringify([file, id, row]);
}

/**
 * The units of a shard: shards of one run have every unit once, in the same order, and differ by one unit at most.
 */
export function shardOf(units: readonly { key: string }[], { index, of }: Shard): ReadonlySet<string> {
  const border = (shards: number): number => Math.floor((units.length * shards) / of);
  return new Set(units.slice(border(index - 1), border(index)).map(({ key }) => key));
}
