import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

/** The command as it is packed; tests of it need a build. */
const PROGRAM = join(resolve(__dirname, '../..'), 'dist', 'cli', 'main.js');

/** Where and how a command runs. */
export interface CommandOptions {
  /** Added to the variables of this process. */
  env?: Record<string, string>;
  cwd?: string;
  /** Files and sockets that it may open; as many as this process by default. */
  openFiles?: number;
}

/** A run of the command `sipflow`, as a process of its own. */
export class CommandRun {
  out = '';
  err = '';
  readonly code: Promise<number | null>;
  readonly #child;
  readonly #lookers = new Set<() => void>();

  constructor(args: readonly string[], { env = {}, cwd, openFiles }: CommandOptions = {}) {
    // The shell lowers both limits: Node.js raises the soft one to the hard one.
    const limited = openFiles === undefined ? [] : ['-c', `ulimit -n ${openFiles}; exec "$@"`, 'sh'];
    const [program, ...rest] = [
      ...(limited.length > 0 ? ['sh'] : []),
      ...[...limited, process.execPath, PROGRAM, ...args],
    ];
    this.#child = spawn(program, rest, { cwd, env: { ...process.env, ...env } });
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.out += chunk.toString();
      for (const look of this.#lookers) look();
    });
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.err += chunk.toString();
    });
    this.code = new Promise((resolve) => this.#child.on('close', resolve));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Resolves with what a pattern finds in the output. */
  prints(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(this.out);
        if (found) resolve(found);
      };
      this.#lookers.add(look);
      look();
      void this.code.then(() => reject(new Error(`It ended with: ${this.out}${this.err}`)));
    });
  }
}
