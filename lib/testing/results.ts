import { SafeEmitter } from '../common';
import { TEST_LIMITS } from './limits';
import type { Attempt, Verdict } from './types';

interface ResultEvents {
  /** A verdict came, or all were cleared. */
  changed: [];
}

/** Bytes of a verdict without its messages and steps, roughly. */
const VERDICT_BYTES = 1000;
const STEP_BYTES = 300;
const MESSAGE_BYTES = 200;

/** The latest verdicts of the process, oldest first: 200 at most, and not above 64 MiB. */
export class TestResults extends SafeEmitter<ResultEvents> {
  #kept: { verdict: Verdict; bytes: number }[] = [];
  #bytes = 0;

  constructor(private readonly limits: { results: number; resultBytes: number } = TEST_LIMITS) {
    super();
  }

  get verdicts(): readonly Verdict[] {
    return this.#kept.map(({ verdict }) => verdict);
  }

  /** Bytes that are held, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The verdict with that id, as long as it is kept. */
  find(id: string): Verdict | undefined {
    return this.#kept.find(({ verdict }) => verdict.id === id)?.verdict;
  }

  /** The last verdict of a test case, of one row when it is given. */
  latest(caseId: string, row?: number): Verdict | undefined {
    return this.#kept.findLast(
      ({ verdict }) => verdict.case === caseId && (row === undefined || verdict.row === row),
    )?.verdict;
  }

  /** Keeps a verdict; the oldest ones give way. */
  add(verdict: Verdict): void {
    const bytes = VERDICT_BYTES + verdict.attempts.reduce((sum, attempt) => sum + bytesOf(attempt), 0);
    this.#kept.push({ verdict, bytes });
    this.#bytes += bytes;
    while (this.#kept.length > 1 && this.#isTooMuch()) this.#bytes -= this.#kept.shift()?.bytes ?? 0;
    this.emit('changed');
  }

  /** Forgets all verdicts. */
  clear(): void {
    this.#kept = [];
    this.#bytes = 0;
    this.emit('changed');
  }

  #isTooMuch(): boolean {
    return this.#kept.length > this.limits.results || this.#bytes > this.limits.resultBytes;
  }
}

function bytesOf({ steps, checks, calls }: Attempt): number {
  let bytes = STEP_BYTES * (steps.length + checks.length);
  for (const { messages } of calls) {
    for (const { text } of messages) bytes += MESSAGE_BYTES + text.length;
  }
  return bytes;
}
