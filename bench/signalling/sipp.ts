import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export type ScenarioName = 'caller' | 'standing-caller' | 'callee';

const MAX_STARTS = 5;

/** One run of SIPp. */
export interface SippOptions {
  scenario: ScenarioName;
  /** `host:port` that it calls; absent for a callee. */
  target?: string;
  /** Calls per second, for a caller. */
  rate?: number;
  /** Calls after which it ends. */
  calls: number;
  /** Seconds after which it is ended, whatever its calls do. */
  limitSeconds: number;
}

/** Counts and times of a SIPp run. */
export interface SippReport {
  calls: number;
  failures: number;
  /** Messages that it sent or received more than once. */
  retransmissions: number;
  /** INVITE to 200 of each call, whole milliseconds; of a caller only. */
  setupMs: number[];
  /** Until the last call was answered, milliseconds; of a caller only. */
  elapsedMs: number;
}

/** Version of the installed SIPp, such as `3.6.1`; undefined when there is none. */
export function sippVersion(): string | undefined {
  const { stdout } = spawnSync('sipp', ['-v'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return /SIPp v(\d+(?:\.\d+)*)/.exec(stdout ?? '')?.[1];
}

/** A running SIPp. Its folder is removed when it has ended. */
export class Sipp {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sipflow-sipp-'));
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #kill: NodeJS.Timeout;
  #isOver = false;

  private constructor(
    private readonly options: SippOptions,
    readonly port: number,
  ) {
    const { target, rate, calls, limitSeconds } = options;
    this.#child = spawn(
      'sipp',
      [
        ...(target === undefined ? [] : [target]),
        ...['-sf', join(__dirname, 'sipp', `${options.scenario}.xml`)],
        ...['-i', '127.0.0.1', '-mi', '127.0.0.1', '-p', String(port), '-bind_local', '-nostdin'],
        ...['-m', String(calls), '-l', String(calls), '-timeout', `${limitSeconds}s`],
        ...(rate === undefined ? [] : ['-r', String(rate), '-trace_rtt', '-rtt_freq', '500']),
        ...[
          '-buff_size',
          '4194304',
          '-timer_resol',
          '1',
          '-pause_msg_ign',
          '-max_recv_loops',
          '100',
          '-deadcall_wait',
          '2000',
        ],
        ...['-trace_counts', '-trace_stat', '-stf', 'statistics.csv', '-fd', '1'],
      ],
      { cwd: this.#folder, stdio: 'ignore' },
    );
    this.#ended = new Promise((resolve) => {
      const over = (): void => {
        this.#isOver = true;
        resolve();
      };
      this.#child.once('error', over);
      this.#child.once('exit', over);
    });
    this.#kill = setTimeout(() => this.#child.kill('SIGKILL'), (limitSeconds + 5) * 1000);
  }

  /** Starts SIPp on a free port and waits until it listens there. */
  static async start(options: SippOptions): Promise<Sipp> {
    for (let attempt = 1; ; attempt++) {
      const sipp = new Sipp(options, await freePort());
      while (!sipp.#isOver && (await isFree(sipp.port))) await delay(10);
      if (!sipp.#isOver || sipp.#ranCalls || attempt === MAX_STARTS) return sipp;
      // The check for a listener may have held the port at the moment when SIPp wanted to bind it.
      await sipp.#clear();
    }
  }

  /** Whether it has ended after calls, good (0) or bad (1) ones, and not by a fault of its own. */
  get #ranCalls(): boolean {
    const { exitCode } = this.#child;
    return exitCode === 0 || exitCode === 1;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Places no further call and ends when the calls that stand are over. */
  stop(): void {
    this.#child.kill('SIGUSR1');
  }

  /** Waits for the end of all its calls and reads what it counted. */
  async finished(): Promise<SippReport> {
    await this.#ended;
    try {
      return this.#read();
    } finally {
      await this.#clear();
    }
  }

  async #clear(): Promise<void> {
    await this.#ended;
    clearTimeout(this.#kill);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #read(): SippReport {
    const statistics = lastRow(this.#file('statistics.csv'));
    const counts = lastRow(this.#file('_counts.csv'));
    const answered = this.#file('_rtt.csv')
      .split('\n')
      .slice(1)
      .filter(Boolean)
      .map((line) => line.split(';').map(Number));
    const calls = Number(statistics.get('TotalCallCreated') ?? 0);
    return {
      calls,
      // Calls that were not placed count as failures.
      failures: this.options.calls - Number(statistics.get('SuccessfulCall(C)') ?? 0),
      retransmissions: repetitions(counts, calls),
      setupMs: answered.map(([, setupMs]) => setupMs),
      elapsedMs: Math.max(0, ...answered.map(([at]) => at)),
    };
  }

  /** The file of its folder whose name ends so; empty when SIPp wrote none. */
  #file(suffix: string): string {
    const name = readdirSync(this.#folder).find((file) => file.endsWith(suffix));
    return name === undefined ? '' : readFileSync(join(this.#folder, name), 'utf8');
  }
}

/** The last line of a table of SIPp's, by column. */
function lastRow(table: string): Map<string, string> {
  const lines = table.split('\n').filter(Boolean);
  const values = lines.length > 1 ? (lines.at(-1) ?? '').split(';') : [];
  return new Map((lines[0] ?? '').split(';').map((name, index) => [name, values[index] ?? '']));
}

/**
 * Messages that were sent or received more than once. The callee's scenario has places for INVITEs that come
 * again, where SIPp counts them as received; there is one for each call.
 */
function repetitions(counts: Map<string, string>, calls: number): number {
  let sum = 0;
  let invites = 0;
  for (const [name, value] of counts) {
    if (name.endsWith('_Retrans')) sum += Number(value);
    if (name.endsWith('_INVITE_Recv')) invites += Number(value);
  }
  return sum + Math.max(0, invites - calls);
}

function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.on('error', () => resolve(false));
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
