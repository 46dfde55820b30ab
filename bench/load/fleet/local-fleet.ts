import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadReport } from '../../../lib/load';
import { TestRedis } from '../../../test/cli/support/redis';
import { cpuOf, cpuOfChildren, LoadResult, PROGRAM } from '../load-command';

const POLL_MS = 200;

/** Processor time of a worker: of its own process, which has the queue, and of the one that makes the calls. */
export interface WorkerReading {
  atMs: number;
  ownMs: number;
  callsMs: number;
}

/** A run on a fleet that is over. */
export interface FleetResult {
  report: LoadReport;
  /** By name of the worker. */
  readings: ReadonlyMap<string, readonly WorkerReading[]>;
}

/** A callee that answers every call, and knows when each came in. */
export class WireCallee {
  private constructor(
    private readonly child: ChildProcess,
    readonly target: string,
  ) {}

  static async start(): Promise<WireCallee> {
    const child = fork(join(__dirname, 'wire-callee.ts'), [], { execArgv: ['--import', 'tsx'] });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new WireCallee(child, `sip:callee@127.0.0.1:${port}`);
  }

  /** When calls came in since it was last asked, in order; milliseconds since the epoch. */
  async arrivals(): Promise<number[]> {
    this.child.send('tell');
    const [{ arrivals }] = (await once(this.child, 'message')) as [{ arrivals: number[] }];
    return arrivals;
  }

  stop(): void {
    this.child.kill();
  }
}

/** A Redis and workers on this machine, each worker with an address of its own. */
export class LocalFleet {
  private constructor(
    private readonly redis: TestRedis,
    private readonly folder: string,
    private readonly workers: ReadonlyMap<string, ChildProcess>,
  ) {}

  static async open(count: number): Promise<LocalFleet> {
    const redis = await TestRedis.start();
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-bench-fleet-'));
    const workers = new Map<string, ChildProcess>();
    for (let index = 1; index <= count; index++) {
      const args = [
        'worker',
        '--queue',
        redis.url,
        '--name',
        `w${index}`,
        '--source',
        `127.0.0.${index + 1}`,
      ];
      const child = spawn(process.execPath, [PROGRAM, ...args], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      workers.set(`w${index}`, child);
      // Its first line says that it waits.
      await once(child.stdout, 'data');
      child.stdout.resume();
    }
    return new LocalFleet(redis, folder, workers);
  }

  /** Puts a load on so many of the workers. */
  async load(flow: readonly object[], workers: number, stages: string): Promise<FleetResult> {
    writeFileSync(join(this.folder, 'flow.json'), JSON.stringify(flow));
    const args = ['load', 'flow.json', '--queue', this.redis.url, '--workers', String(workers)];
    const plan = ['--stages', stages, '--no-probe', '--report', 'load.json'];
    const command = spawn(process.execPath, [PROGRAM, ...args, ...plan], {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const readings = new Map([...this.workers.keys()].map((name) => [name, [] as WorkerReading[]]));
    const timer = setInterval(() => {
      for (const [name, { pid = 0 }] of this.workers) readings.get(name)?.push(readingOf(pid));
    }, POLL_MS);
    await once(command, 'close');
    clearInterval(timer);
    const report = JSON.parse(readFileSync(join(this.folder, 'load.json'), 'utf8')) as LoadReport;
    return { report, readings };
  }

  /** Processor time of all workers now. */
  read(): WorkerReading[] {
    return [...this.workers.values()].map(({ pid = 0 }) => readingOf(pid));
  }

  async close(): Promise<void> {
    const ended = [...this.workers.values()].map((child) => once(child, 'close'));
    for (const child of this.workers.values()) child.kill('SIGINT');
    await Promise.all(ended);
    await this.redis.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** CPU for each start of a stage, milliseconds, of the workers that took part. */
export function cpuMsPerCall({ report, readings }: FleetResult, stage: number): number {
  const took = (report.workers ?? []).map(({ name }) => readings.get(name) ?? []);
  const sums = (took[0] ?? []).map(({ atMs }, index) => ({
    atMs,
    cpuMs: took.reduce((sum, all) => sum + (all[index]?.ownMs ?? 0) + (all[index]?.callsMs ?? 0), 0),
  }));
  return new LoadResult(report, sums).cpuMsPerCall(stage);
}

/** Share of a processor that something took between two times, milliseconds since the epoch. */
export function shareBetween(
  readings: readonly WorkerReading[],
  part: 'ownMs' | 'callsMs',
  [fromMs, toMs]: readonly [number, number],
): number {
  const inside = readings.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const [first, last] = [inside.at(0), inside.at(-1)];
  return first && last && last.atMs > first.atMs
    ? (last[part] - first[part]) / (last.atMs - first.atMs)
    : NaN;
}

function readingOf(pid: number): WorkerReading {
  return { atMs: Date.now(), ownMs: cpuOf(pid), callsMs: cpuOfChildren(pid) };
}
