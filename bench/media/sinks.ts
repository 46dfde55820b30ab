import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { compile } from './compile';
import type { SinkResult } from './sink';

/** Receives streams beside the engine and measures the spacing of packets. */
export interface Sink {
  readonly ports: number[];
  measure(run: () => Promise<unknown>): Promise<SinkResult>;
  close(): Promise<void>;
}

let program: string | undefined;

/**
 * Builds the sink in C, which judges by the kernel's timestamps; without a compiler a thread of Node.js takes its place,
 * and its own lateness counts.
 *
 * @returns which of them measures
 */
export function buildSink(folder: string): 'kernel' | 'thread' {
  program = compile(folder, 'sink');
  return program === undefined ? 'thread' : 'kernel';
}

export function openSink(streams: number, ptimeMs: number): Promise<Sink> {
  return program === undefined
    ? ThreadSink.open(streams, ptimeMs)
    : ProgramSink.open(program, streams, ptimeMs);
}

class ProgramSink implements Sink {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  /** Output lines of the program; ends with it. */
  readonly #lines: AsyncIterator<string, undefined>;
  readonly #gone: Promise<unknown>;
  ports: number[] = [];

  private constructor(path: string, streams: number, ptimeMs: number) {
    this.#child = spawn(path, [String(streams), String(ptimeMs)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#gone = once(this.#child, 'close');
    // A program that has ended is noticed by its missing next line.
    this.#child.stdin.on('error', () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  static async open(path: string, streams: number, ptimeMs: number): Promise<Sink> {
    const sink = new ProgramSink(path, streams, ptimeMs);
    sink.ports = await sink.#read<number[]>();
    return sink;
  }

  async measure(run: () => Promise<unknown>): Promise<SinkResult> {
    this.#child.stdin.write('start\n');
    await run();
    this.#child.stdin.write('stop\n');
    return this.#read<SinkResult>();
  }

  async #read<T>(): Promise<T> {
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error('The program that receives the streams ended before its time.');
    return JSON.parse(value) as T;
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#gone;
  }
}

class ThreadSink implements Sink {
  private constructor(
    private readonly worker: Worker,
    readonly ports: number[],
  ) {}

  static async open(streams: number, ptimeMs: number): Promise<Sink> {
    const worker = new Worker(join(__dirname, 'sink.js'), { workerData: { streams, ptimeMs } });
    const [ports] = (await once(worker, 'message')) as [number[]];
    return new ThreadSink(worker, ports);
  }

  async measure(run: () => Promise<unknown>): Promise<SinkResult> {
    this.worker.postMessage('start');
    await run();
    this.worker.postMessage('stop');
    const [figures] = (await once(this.worker, 'message')) as [SinkResult];
    return figures;
  }

  async close(): Promise<void> {
    this.worker.postMessage('end');
    await once(this.worker, 'exit');
  }
}
