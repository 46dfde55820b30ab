import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SipflowError } from '../../common';
import type { Attempt, Report, Verdict } from '../types';
import { fileFault } from './file-faults';

/** What is known of a verdict while its attempts run. */
export type VerdictHead = Omit<Verdict, 'status' | 'reason' | 'durationMs' | 'attempts'>;

export type ResultsHead = Pick<Report, 'startedAt' | 'versions' | 'shard'>;

/** First line of a results file. */
export const RESULTS_FORMAT = 'sipflow-results/1';

/** A line of a results file after the first one. */
export type ResultsLine =
  | { kind: 'attempt'; verdict: VerdictHead; attempt: Attempt }
  | { kind: 'verdict'; verdict: Omit<Verdict, 'attempts'> }
  | { kind: 'end'; durationMs: number };

/** The part of a file's handle that is needed; a test gives one that fails. */
export type ResultsHandle = Pick<FileHandle, 'appendFile' | 'datasync' | 'close'>;

/**
 * File of a run that goes on: one JSON line for each attempt as it ends, on the disk before the promise resolves. A
 * killed process loses nothing that had ended; `readReport` makes a report of it.
 */
export class ResultsFile {
  #last: Promise<void>;
  #fault: SipflowError | undefined;
  #closed = false;

  constructor(
    private readonly file: string,
    private readonly handle: ResultsHandle,
    head: ResultsHead,
  ) {
    const { startedAt, versions, shard } = head;
    this.#last = this.#append({ format: RESULTS_FORMAT, startedAt, versions, shard });
    // Who appends next is told of the fault.
    this.#last.catch(() => undefined);
  }

  /** @throws SipflowError FILE_ACCESS, also for every later call: the lines before stay readable */
  attempt(verdict: VerdictHead, attempt: Attempt): Promise<void> {
    return this.#add({ kind: 'attempt', verdict: headOf(verdict), attempt });
  }

  /** The final status of a verdict; its attempts are in the file already. */
  verdict({ attempts: _, ...verdict }: Verdict): Promise<void> {
    return this.#add({ kind: 'verdict', verdict });
  }

  /** Ends the run and closes the file. */
  async end(durationMs: number): Promise<void> {
    try {
      await this.#add({ kind: 'end', durationMs });
    } finally {
      await this.close();
    }
  }

  /** Closes the file of a run that is broken off. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last.catch(() => undefined);
    await this.handle.close().catch(() => undefined);
  }

  #add(line: ResultsLine): Promise<void> {
    const added = this.#last.then(() => this.#append(line));
    this.#last = added;
    added.catch(() => undefined);
    return added;
  }

  async #append(line: object): Promise<void> {
    if (this.#fault) throw this.#fault;
    try {
      await this.handle.appendFile(`${JSON.stringify(line)}\n`);
      await this.handle.datasync();
    } catch (error) {
      this.#fault = fileFault(this.file, 'write', error);
      throw this.#fault;
    }
  }
}

/** The members of a head alone, of which a verdict has more. */
function headOf(verdict: VerdictHead): VerdictHead {
  const { format, id, case: testCase, title, tags, row, rowValues, seed, file, startedAt } = verdict;
  return { format, id, case: testCase, title, tags, row, rowValues, seed, file, startedAt };
}

/**
 * Starts the results file of a run; one of an earlier run is replaced.
 *
 * @throws SipflowError FILE_ACCESS
 */
export async function openResults(file: string, head: ResultsHead): Promise<ResultsFile> {
  try {
    await mkdir(dirname(file), { recursive: true });
    return new ResultsFile(file, await open(file, 'w'), head);
  } catch (error) {
    throw fileFault(file, 'write', error);
  }
}
