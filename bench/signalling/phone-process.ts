import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { AnswerEnvelope, PhoneAnswers, PhoneCommand } from './phone-protocol';

interface Waiter {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Stack under test. `bare`: the same messages without any SIP stack; `foreign`: another stack in JavaScript. */
export type Stack = 'ours' | 'bare' | 'foreign';

const PROGRAMS: Record<Stack, string> = {
  ours: 'phone.ts',
  bare: 'bare-phone.ts',
  foreign: 'foreign-phone.ts',
};

/** Options of the process under test. */
export interface PhoneProcessOptions {
  maxCalls?: number;
  /** T1 in milliseconds. */
  t1?: number;
  /** Stack under test; ours when absent. */
  stack?: Stack;
  /** Further arguments of node, for profiling. */
  execArgv?: string[];
  /** Folder of another checkout, built, whose phone is measured; this one's when absent. */
  checkout?: string;
}

/** The process under test, seen from the benchmark. */
export class PhoneProcess {
  readonly #waiting = new Map<number, Waiter>();
  #lastId = 0;
  #address = { address: '', port: 0 };

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message) => this.#answered(message as AnswerEnvelope));
    child.on('error', (error) => this.#broken(error));
    child.on('exit', (code, signal) => {
      this.#broken(new Error(`The process under test ended (${signal ?? code}).`));
    });
  }

  /** Starts a process with one phone that answers every call. */
  static async start({
    maxCalls = 100_000,
    t1,
    stack = 'ours',
    execArgv = [],
    checkout,
  }: PhoneProcessOptions = {}): Promise<PhoneProcess> {
    const folder = checkout === undefined ? __dirname : join(checkout, 'bench', 'signalling');
    const child = fork(join(folder, PROGRAMS[stack]), {
      ...(checkout === undefined ? {} : { cwd: checkout }),
      execArgv: ['--import', 'tsx', '--expose-gc', ...execArgv],
    });
    const phone = new PhoneProcess(child);
    phone.#address = await phone.ask({ type: 'start', maxCalls, ...(t1 === undefined ? {} : { t1 }) });
    return phone;
  }

  /** Its SIP address as `host:port`. */
  get host(): string {
    return `${this.#address.address}:${this.#address.port}`;
  }

  /** Sends a command and waits for its answer. Rejects when the command fails or the process ends. */
  ask<C extends PhoneCommand>(command: C): Promise<PhoneAnswers[C['type']]> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as PhoneAnswers[C['type']]), reject });
      this.child.send({ id, command }, (error) => {
        if (error) this.#broken(error);
      });
    });
  }

  /** Ends its calls, its phone and the process. */
  async close(): Promise<void> {
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    await this.ask({ type: 'close' });
    await exited;
  }

  /** Ends the process at once. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  #answered({ id, answer, error }: AnswerEnvelope): void {
    const waiter = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiter?.resolve(answer);
    else waiter?.reject(new Error(error));
  }

  #broken(error: Error): void {
    for (const waiter of this.#waiting.values()) waiter.reject(error);
    this.#waiting.clear();
  }
}
