import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadReport } from '../../lib/load';

/** The command as it is packed. */
export const PROGRAM = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');
const POLL_MS = 200;
/** Clock ticks of Linux, milliseconds. */
const TICK_MS = 10;

/** Processor time of the processes that put a load on, at a moment. */
interface Reading {
  atMs: number;
  cpuMs: number;
}

/** A run of `sipflow load` that is over. */
export class LoadResult {
  constructor(
    readonly report: LoadReport,
    private readonly readings: readonly Reading[],
  ) {}

  /** CPU for each start of a stage, milliseconds; of all processes that put the load on, without the command itself. */
  cpuMsPerCall(stage: number): number {
    const { beginMs, endMs, figures } = this.report.stages[stage];
    const began = Date.parse(this.report.startedAt);
    return (this.#at(began + endMs) - this.#at(began + beginMs)) / figures.counters.started;
  }

  /** Share of a processor that a stage took, of all processes that put the load on. */
  cpuShare(stage: number): number {
    const { beginMs, endMs } = this.report.stages[stage];
    const began = Date.parse(this.report.startedAt);
    return (this.#at(began + endMs) - this.#at(began + beginMs)) / (endMs - beginMs);
  }

  #at(ms: number): number {
    const after = this.readings.findIndex(({ atMs }) => atMs >= ms);
    const [a, b] = [this.readings[Math.max(0, after - 1)], this.readings[after] ?? this.readings.at(-1)];
    const share = b.atMs === a.atMs ? 1 : Math.min(1, (ms - a.atMs) / (b.atMs - a.atMs));
    return a.cpuMs + share * (b.cpuMs - a.cpuMs);
  }
}

/** Runs `sipflow load` on a flow, and watches the processor time of its processes. */
export async function runLoadCommand(flow: readonly object[], args: readonly string[]): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-bench-'));
  try {
    writeFileSync(join(folder, 'flow.json'), JSON.stringify(flow));
    const options = ['load', 'flow.json', '--report', 'load.json', ...args];
    const child = spawn(process.execPath, [PROGRAM, ...options], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const readings: Reading[] = [];
    const timer = setInterval(
      () => readings.push({ atMs: Date.now(), cpuMs: cpuOfChildren(child.pid ?? 0) }),
      POLL_MS,
    );
    await new Promise((resolve) => child.once('close', resolve));
    clearInterval(timer);
    const report = JSON.parse(readFileSync(join(folder, 'load.json'), 'utf8')) as LoadReport;
    // Processes that have ended count no more.
    return new LoadResult(
      report,
      readings.filter(({ cpuMs }, index) => cpuMs >= (readings[index - 1]?.cpuMs ?? 0)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** User and system time of the children of a process, milliseconds. */
export function cpuOfChildren(pid: number): number {
  const children = textOf(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + cpuOf(Number(child)), 0);
}

/** User and system time of a process, milliseconds. */
export function cpuOf(pid: number): number {
  const fields = textOf(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  return TICK_MS * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
