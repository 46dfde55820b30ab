import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

/** The command as it is packed; tests of it need a build. */
const PROGRAM = join(resolve(__dirname, '../..'), 'dist', 'cli', 'main.js');

/** A run of the command `sipflow`, as a process of its own. */
export class CommandRun {
  out = '';
  err = '';
  readonly code: Promise<number | null>;
  readonly #child;
  readonly #lookers = new Set<() => void>();

  constructor(
    args: readonly string[],
    { env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {},
  ) {
    this.#child = spawn(process.execPath, [PROGRAM, ...args], { cwd, env: { ...process.env, ...env } });
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
