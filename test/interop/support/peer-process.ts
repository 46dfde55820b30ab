import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const START_PATIENCE_MS = 60000;
const STOP_PATIENCE_MS = 3000;
const LOOK_AGAIN_MS = 50;

export interface PeerCommand {
  file: string;
  args: readonly string[];
  cwd: string;
  /** Takes what the program writes, and is shown when a test fails. */
  log: string;
  env?: NodeJS.ProcessEnv;
  /** Whether the program is up; asked again until it says so. May throw, which means no. */
  ready: () => boolean | Promise<boolean>;
}

/** Programs that still run; this process takes them along when it ends, also when a signal ends it. */
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

/** Makes sure that a program does not outlive this process; resolves with its exit code when it ends. */
export async function endWithUs(child: ChildProcess): Promise<number | null> {
  running.add(child);
  const [code] = (await once(child, 'exit')) as [number | null];
  running.delete(child);
  return code;
}

/** A foreign program that a suite has started and stops again. */
export class PeerProcess {
  readonly #exited: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    readonly command: PeerCommand,
  ) {
    this.#exited = endWithUs(child);
  }

  /** Resolves when the program is ready; rejects with the end of its log when it is not in a minute. */
  static async start(command: PeerCommand): Promise<PeerProcess> {
    const log = openSync(command.log, 'a');
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: { ...process.env, ...command.env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const peer = new PeerProcess(child, command);
    const until = performance.now() + START_PATIENCE_MS;
    while (performance.now() < until && peer.alive) {
      if (await Promise.resolve(command.ready()).catch(() => false)) return peer;
      await delay(LOOK_AGAIN_MS);
    }
    await peer.stop();
    throw new Error(`${command.file} did not start:\n${tail(command.log)}`);
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends it politely, and by force when it does not listen. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.alive) this.child.kill(signal);
    const patience = new AbortController();
    const force = delay(STOP_PATIENCE_MS, undefined, { signal: patience.signal, ref: false }).then(
      () => this.child.kill('SIGKILL'),
      () => undefined,
    );
    await this.#exited;
    patience.abort();
    await force;
  }
}

/** Runs a program to its end and returns what it wrote. */
export async function output(file: string, args: readonly string[], cwd?: string): Promise<string> {
  const { stdout, stderr } = await run(file, args, { ...(cwd ? { cwd } : {}), timeout: 30000 });
  return stdout + stderr;
}

/** The last lines of a text file, or nothing when there is none. */
export function tail(path: string, lines = 40): string {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

/** Asks until the answer is not undefined, and fails with `what` when patience ends. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  patienceMs = 30000,
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > until) throw new Error(`in vain waited for ${what}`);
    await delay(LOOK_AGAIN_MS);
  }
}
