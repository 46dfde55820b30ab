import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
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
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: Interface,
    readonly ports: number[],
  ) {}

  static async open(path: string, streams: number, ptimeMs: number): Promise<Sink> {
    const child = spawn(path, [String(streams), String(ptimeMs)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const [ports] = (await once(lines, 'line')) as [string];
    return new ProgramSink(child, lines, JSON.parse(ports) as number[]);
  }

  async measure(run: () => Promise<unknown>): Promise<SinkResult> {
    this.child.stdin.write('start\n');
    await run();
    const answer = once(this.lines, 'line') as Promise<[string]>;
    this.child.stdin.write('stop\n');
    const [figures] = await answer;
    return JSON.parse(figures) as SinkResult;
  }

  async close(): Promise<void> {
    const gone = once(this.child, 'close');
    this.child.stdin.end();
    await gone;
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
