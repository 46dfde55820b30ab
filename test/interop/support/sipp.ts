import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, freeRange } from '../../support/ports';
import { endWithUs, eventually, output } from './peer-process';
import type { Program } from './programs';
import { SWEEP_ALAW, sweepAlaw } from './sound';
import type { RunningPeer } from './suite';

const PATIENCE_S = 110;
/** How SIPp reports, in its log of errors, what its scenario does not expect: a message, or only its method. */
const UNEXPECTED = /Continuing call on [^\n]*?received '([\s\S]*?)'(?=\d{4}-\d\d-\d\d|\s*$)/g;
const UNEXPECTED_METHOD = /Continuing call on (?:an )?unexpected (BYE|CANCEL) /g;

/** SIPp, which plays one scenario for each call. */
export class Sipp implements RunningPeer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sipflow-sipp-'));
  readonly #children = new Set<ChildProcess>();

  private constructor(
    private readonly program: Program,
    readonly version: string,
  ) {}

  static async open(program: Program | undefined): Promise<Sipp | undefined> {
    if (!program) return undefined;
    // SIPp ends with an error code after it told its version.
    const said = await output(program.file, [...program.prefix, '-v']).catch((error: { stdout?: string }) =>
      String(error.stdout),
    );
    return new Sipp(program, /SIPp v?([\d.]+)/.exec(said)?.[1] ?? 'unknown');
  }

  /** Waits for one call, and plays the callee, at a free port or at the one that is given. */
  async callee(scenario: string, options: readonly string[] = [], given?: number): Promise<SippCall> {
    const port = given ?? (await freePort());
    const call = await this.run(scenario, port, ['-p', String(port), ...options]);
    await eventually('SIPp to listen', () => (isBound(port) ? true : undefined));
    return call;
  }

  /** Calls a user at a port of 127.0.0.1. */
  async caller(
    scenario: string,
    user: string,
    port: number,
    options: readonly string[] = [],
  ): Promise<SippCall> {
    const own = await freePort();
    return this.run(scenario, own, [
      `127.0.0.1:${port}`,
      '-s',
      user,
      '-p',
      String(own),
      ...['-l', '1'],
      ...options,
    ]);
  }

  log(): string {
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith('.log'))
      .map((name) => `${name}:\n${readFileSync(join(this.#folder, name), 'utf8').slice(-6000)}`)
      .join('\n');
  }

  /** Ends what a failed test left behind, and forgets its logs. */
  async clean(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all([...this.#children].map((child) => once(child, 'exit')));
    for (const name of readdirSync(this.#folder)) rmSync(join(this.#folder, name));
  }

  async stop(): Promise<void> {
    await this.clean();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #read(name: string): string {
    const path = join(this.#folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\r', '') : '';
  }

  /**
   * What came and is not in the scenario. A machine that stalls for half a second makes our side repeat what was
   * answered in time, which SIPp knows by itself only as long as it has sent nothing else.
   */
  #strays(port: number): string[] {
    const received = this.#read(`${port}-messages.log`)
      .split(/^-{20,}(?: .*)?\n/m)
      .filter((text) => /^\S+ message received \[/.test(text))
      .map((text) => text.replace(/^.*\n\n/, '').trim());
    const repeated = received.filter((text, n) => received.indexOf(text) < n);
    const errors = this.#read(`${port}-errors.log`);
    return [
      ...[...errors.matchAll(UNEXPECTED)].map(([, text = '']) => text.trim()),
      ...[...errors.matchAll(UNEXPECTED_METHOD)].map(([, method = '']) => method),
    ].filter((text) => !repeated.some((other) => other === text || other.startsWith(`${text} `)));
  }

  private async run(scenario: string, port: number, options: readonly string[]): Promise<SippCall> {
    const file = join(this.#folder, `${port}.xml`);
    writeFileSync(file, scenario);
    writeFileSync(join(this.#folder, SWEEP_ALAW), sweepAlaw());
    const media = await freeRange(8);
    const child = spawn(
      this.program.file,
      [
        ...this.program.prefix,
        ...[
          '-sf',
          file,
          '-m',
          '1',
          '-nostdin',
          '-timeout',
          String(PATIENCE_S),
          '-timeout_error',
          '-deadcall_wait',
          '0',
        ],
        // What is repeated is judged at the end.
        ...['-default_behaviors', 'all,-abortunexp'],
        ...['-i', '127.0.0.1', '-mi', '127.0.0.1', '-mp', String(media)],
        ...['-trace_err', '-error_file', join(this.#folder, `${port}-errors.log`)],
        ...['-trace_msg', '-message_file', join(this.#folder, `${port}-messages.log`)],
        ...options,
      ],
      { cwd: this.#folder, stdio: 'ignore' },
    );
    this.#children.add(child);
    const ended = endWithUs(child)
      .finally(() => this.#children.delete(child))
      .then((code) => {
        const strays = this.#strays(port);
        if (strays.length > 0) throw new Error(`SIPp did not expect:\n${strays.join('\n\n')}`);
        return code;
      });
    // A test that fails before does not look at it any more.
    ended.catch(() => undefined);
    return {
      port,
      ended,
      kill: () => child.kill('SIGKILL'),
      messages: () => this.#read(`${port}-messages.log`),
    };
  }
}

/** One call of SIPp. */
export interface SippCall {
  readonly port: number;
  /** Exit code; 0 when the scenario went as written. Rejects when anything came that is not in it, but for repeats. */
  readonly ended: Promise<number | null>;
  /** As when a machine loses its power. */
  kill(): void;
  /** The SIP messages that it sent and received so far. */
  messages(): string;
}

/** Whether a socket of 127.0.0.1 is bound to the port, by UDP or TCP. */
function isBound(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const local = new RegExp(` (?:0100007F|00000000):${hex} `);
  return ['udp', 'tcp'].some((protocol) => local.test(readFileSync(`/proc/net/${protocol}`, 'utf8')));
}
