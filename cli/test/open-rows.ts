import { randomUUID } from 'node:crypto';
import type { Attempt, Verdict, VerdictHead } from '../../lib/testing';
import type { CaseInfo } from '../runtime/protocol';
import type { Row } from './plan';
import type { RuntimeFault } from './runtime';

/** A row that is being tried. */
interface Tried {
  readonly head: VerdictHead;
  readonly attempts: Attempt[];
}

/** Rows of a case that have no verdict yet. */
export class OpenRows {
  readonly #tried = new Map<Row, Tried>();
  #rows: readonly Row[];

  constructor(
    /** Name of the flow file. */
    readonly file: string,
    private readonly info: CaseInfo,
    rows: readonly Row[],
  ) {
    this.#rows = rows;
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** An attempt of the row has begun. */
  began(row: Row): void {
    this.#of(row);
  }

  /** Keeps an attempt that has ended, and returns what is known of its verdict. */
  attempt(attempt: Attempt): VerdictHead {
    const { head, attempts } = this.#of(attempt.test.row ?? null);
    attempts.push(attempt);
    return head;
  }

  /**
   * What the verdict of a row has in common with the lines of its attempts: ids of a runtime are unique in its process
   * only, and a run has several.
   */
  head(row: Row): Pick<Verdict, 'id' | 'file'> {
    const { id, file } = this.#of(row).head;
    return { id, ...(file !== undefined && { file }) };
  }

  ended(row: Row): void {
    this.#tried.delete(row);
    this.#rows = this.#rows.filter((other) => other !== row);
  }

  /** Verdicts of the rows that were running when the process ended; without any, of the one that would have been next. */
  breakOff({ code, message }: RuntimeFault): Verdict[] {
    if (this.#tried.size === 0) this.began(this.#rows[0] ?? null);
    return [...this.#tried.values()].map(({ head, attempts }) => {
      const durationMs = Date.now() - Date.parse(head.startedAt);
      return { ...head, status: 'failed', reason: { code, message, atMs: durationMs }, durationMs, attempts };
    });
  }

  #of(row: Row): Tried {
    const known = this.#tried.get(row);
    if (known) return known;
    const { id, title, tags } = this.info;
    const head: VerdictHead = {
      format: 'sipflow-verdict/1',
      id: randomUUID(),
      file: this.file,
      case: id,
      title,
      tags,
      ...(row !== null && { row }),
      startedAt: new Date().toISOString(),
    };
    const tried = { head, attempts: [] };
    this.#tried.set(row, tried);
    return tried;
  }
}
