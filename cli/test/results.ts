import { createWriteStream, type WriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { SipflowError } from '../../lib';
import {
  openResults,
  VIEW_FILES,
  writeView,
  type Attempt,
  type Report,
  type ResultsFile,
  type Verdict,
  type VerdictHead,
} from '../../lib/testing';
import type { ReporterChoice } from './options';
import type { Shard } from './plan';
import type { Secrets } from './secrets';

/** File with a line for each attempt as it ends; what is left of a run that was killed. */
const RESULTS_FILE = 'results.jsonl';
const LOG_FILE = 'node-red.log';
const REPORT_FILE = VIEW_FILES.json;

/** What a report says of its run. */
export interface ResultsHead {
  readonly versions: Record<string, string>;
  readonly shard: Shard | undefined;
}

/** The output folder of a run: everything that has ended so far, without secrets. */
export class Results {
  readonly verdicts: Verdict[] = [];
  readonly #startedAt = new Date();
  readonly #places = new Map<string, number>();
  readonly #log: WriteStream;
  #writing: Promise<void> = Promise.resolve();
  #fault: Error | undefined;

  private constructor(
    /** Absolute path. */
    readonly folder: string,
    readonly file: ResultsFile,
    private readonly head: ResultsHead,
    private readonly secrets: Secrets,
  ) {
    this.#log = createWriteStream(join(folder, LOG_FILE));
    this.#log.on('error', (error) => this.#note(error));
  }

  /**
   * Makes the folder and its files.
   *
   * @throws SipflowError FILE_ACCESS
   */
  static async open(output: string, head: ResultsHead, secrets: Secrets): Promise<Results> {
    const folder = resolve(output);
    const { versions, shard } = head;
    const startedAt = new Date().toISOString();
    const file = await openResults(join(folder, RESULTS_FILE), {
      startedAt,
      versions,
      ...(shard && { shard }),
    });
    return new Results(folder, file, head, secrets);
  }

  /** Why something could not be written; the run itself is not broken by it. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  /** Cases come in this order, whenever they end; else as they end. */
  expect(cases: readonly Pick<Verdict, 'file' | 'case'>[]): void {
    for (const each of cases) placeOf(each, this.#places);
  }

  /** Whether a row has ended with this status. */
  has(status: Verdict['status']): boolean {
    return this.verdicts.some((verdict) => verdict.status === status);
  }

  /** A line that Node-RED or a flow printed. */
  log(line: string): void {
    this.#log.write(`${this.secrets.masked(line)}\n`);
  }

  attempt(head: VerdictHead, attempt: Attempt): void {
    const [safeHead, safeAttempt] = this.secrets.maskedData([head, attempt] as const);
    this.#write(() => this.file.attempt(safeHead, safeAttempt));
  }

  /** Keeps a verdict; resolves with it, without secrets, when it lies in the file or could not be written there. */
  verdict(verdict: Verdict): Promise<Verdict> {
    const safe = this.secrets.maskedData(verdict);
    this.verdicts.push(safe);
    this.#write(() => this.file.verdict(safe));
    return this.#writing.then(() => safe);
  }

  /** The report of everything that has ended. */
  report(): Report {
    const { versions, shard } = this.head;
    return {
      format: 'sipflow-report/1',
      startedAt: this.#startedAt.toISOString(),
      durationMs: Date.now() - this.#startedAt.getTime(),
      versions,
      ...(shard && { shard }),
      verdicts: inOrder(this.verdicts, this.#places),
    };
  }

  /** Writes the report and its views; returns where they lie, by reporter. */
  async finish(reporters: readonly ReporterChoice[]): Promise<Record<string, string>> {
    const report = this.report();
    const files: Record<string, string> = {};
    await this.#writing;
    await this.file.end(report.durationMs).catch((error: unknown) => this.#note(error));
    await new Promise<void>((closed) => this.#log.end(closed));
    // The report is the source of the views, now and later: it is always there.
    for (const { name, file } of [
      { name: 'json' as const, file: join(this.folder, REPORT_FILE) },
      ...reporters,
    ]) {
      if (name === 'list') continue;
      const path = file ?? join(this.folder, VIEW_FILES[name]);
      try {
        await writeView(name, report, path, { base: this.folder });
        files[name] = path;
      } catch (error) {
        this.#note(error);
      }
    }
    return files;
  }

  #write(line: () => Promise<void>): void {
    this.#writing = this.#writing.then(line).catch((error: unknown) => this.#note(error));
  }

  #note(error: unknown): void {
    this.#fault ??= error instanceof Error ? error : new SipflowError('FILE_ACCESS', String(error));
  }
}

/** Verdicts by the places of their cases, and by row: rows that run at the same time end in any order. */
function inOrder(verdicts: readonly Verdict[], places: Map<string, number>): Verdict[] {
  const placed = verdicts.map((verdict) => ({ verdict, place: placeOf(verdict, places) }));
  placed.sort((a, b) => a.place - b.place || (a.verdict.row ?? 0) - (b.verdict.row ?? 0));
  return placed.map(({ verdict }) => verdict);
}

/** Place of a case among those that have one; the next one when it has none yet. */
function placeOf({ file, case: id }: Pick<Verdict, 'file' | 'case'>, places: Map<string, number>): number {
  const key = JSON.stringify([file, id]);
  const place = places.get(key) ?? places.size;
  places.set(key, place);
  return place;
}
