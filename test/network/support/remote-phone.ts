import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Command, CommandName, PhoneCommands, Reply } from './phone-commands';

const ROOT = resolve(__dirname, '../../..');
const ENTRY = join(ROOT, 'test', 'network', 'phone.ts');

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** A phone in a network namespace, in a process of its own. */
export class RemotePhone {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(namespace: string) {
    this.#child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '--import', 'tsx', ENTRY], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (reply: Reply) => this.#settle(reply));
    this.#child.on('error', (error) => this.#giveUp(error));
    this.#child.on('exit', (code, signal) =>
      this.#giveUp(new Error(`The phone in ${namespace} has ended (${signal ?? code}).`)),
    );
  }

  /** Tells the phone what to do; rejects with the phone's error, or when its process has ended. */
  tell<N extends CommandName>(name: N, ...args: Parameters<PhoneCommands[N]>): ReturnType<PhoneCommands[N]> {
    const id = ++this.#lastId;
    const reply = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ id, name, args } satisfies Command, (error) => {
        if (error) reject(error);
      });
    });
    return reply as ReturnType<PhoneCommands[N]>;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    await this.tell('close').catch(() => undefined);
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ('error' in reply) pending?.reject(new Error(reply.error));
    else pending?.resolve(reply.value);
  }

  #giveUp(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
