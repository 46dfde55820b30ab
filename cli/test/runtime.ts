import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LoadReport, LoadSlice } from '../../lib/load';
import type { CaseInfo, CaseOptions, Event, Order, RuntimeJob } from '../runtime/protocol';
import { Patience } from './patience';

/** Program of the runtime, beside the bundle of the command. */
const PROGRAM = join(__dirname, 'runtime.js');

/** Time limits in milliseconds. */
const LIMITS = {
  /** From the start of the process to running flows. */
  start: 60_000,
  /** Without a sign of life: the main thread is blocked, by a function node that never ends for example. */
  silence: 15_000,
  /** Beyond the time of an attempt, in which nothing was heard of its case. */
  attempt: 30_000,
  /** From Ctrl-C to the verdicts of what was running. */
  abort: 10_000,
  stop: 15_000,
};

/** Lines of the runtime's own output that an explanation may quote. */
const LAST_LINES = 5;

/** A runtime that cannot run its flows, or no longer can. */
export class RuntimeFault extends Error {
  override readonly name = 'RuntimeFault';

  constructor(
    readonly code: 'RUNTIME_REFUSED' | 'RUNTIME_ENDED' | 'RUNTIME_HUNG',
    sentence: string,
  ) {
    super(sentence);
  }
}

/** What a runtime is started with. */
export interface RuntimeStart {
  readonly job: RuntimeJob;
  readonly env: NodeJS.ProcessEnv;
  /** Options of Node.js for the process. */
  readonly nodeOptions?: readonly string[];
  /** Takes the lines that Node-RED and the flow print. */
  readonly log: (line: string) => void;
}

/** The process that runs one flow file in Node-RED. */
export class Runtime {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  readonly #lines: string[] = [];
  #heard: (event: Event) => void = () => undefined;
  readonly #silence = new Patience(LIMITS.silence, () => {
    const seconds = LIMITS.silence / 1000;
    const sentence = `Node-RED no longer answers: something in the flow has kept it busy for ${seconds} s.`;
    this.#fail(new RuntimeFault('RUNTIME_HUNG', sentence));
  });
  #fail: (fault: RuntimeFault) => void = () => undefined;

  private constructor({ env, nodeOptions = [], log }: RuntimeStart) {
    this.#child = fork(PROGRAM, [], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [...nodeOptions],
    });
    for (const input of [this.#child.stdout, this.#child.stderr]) {
      if (!input) continue;
      createInterface({ input }).on('line', (line) => {
        this.#lines.push(line);
        if (this.#lines.length > LAST_LINES) this.#lines.shift();
        log(line);
      });
    }
    this.#ended = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
      this.#child.once('error', (error) => reject(this.#hasEnded(error.message)));
      this.#child.once('close', (code, signal) => reject(this.#hasEnded(signal ?? `exit code ${code}`)));
    });
    // Every wait races against it; between two waits nobody does.
    this.#ended.catch(() => undefined);
    this.#child.on('message', (event: Event) => {
      this.#silence.renew();
      this.#heard(event);
    });
  }

  /**
   * Starts Node-RED with the flows of a file; resolves once they run, with their test cases.
   *
   * @throws RuntimeFault
   */
  static async start(start: RuntimeStart): Promise<{ runtime: Runtime; cases: readonly CaseInfo[] }> {
    const runtime = new Runtime(start);
    try {
      const order: Order = { kind: 'start', job: start.job };
      const event = await runtime.#until(order, ['ready', 'refused'], LIMITS.start);
      if (event.kind === 'ready') return { runtime, cases: event.cases };
      throw new RuntimeFault('RUNTIME_REFUSED', event.kind === 'refused' ? event.sentence : '');
    } catch (error) {
      runtime.kill();
      throw error;
    }
  }

  /**
   * Runs one case; resolves when all its rows have their verdict, with the reason when it could not be run.
   *
   * @param listener takes what happens meanwhile
   * @throws RuntimeFault when the process ends or no longer answers
   */
  async run(
    { id, timeout }: CaseInfo,
    options: CaseOptions,
    listener: (event: Event) => void,
    interrupted: AbortSignal,
  ): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      this.#tell({ kind: 'abort' });
      timer = setTimeout(() => {
        this.#fail(
          new RuntimeFault('RUNTIME_HUNG', 'Node-RED did not stop the test case when it was interrupted.'),
        );
      }, LIMITS.abort);
    };
    interrupted.addEventListener('abort', stop, { once: true });
    try {
      const order: Order = { kind: 'run', case: id, options };
      const limit = (options.timeout ?? timeout) * 1000 + LIMITS.attempt;
      const event = await this.#until(order, ['ended'], limit, listener);
      return event.kind === 'ended' ? event.sentence : undefined;
    } finally {
      clearTimeout(timer);
      interrupted.removeEventListener('abort', stop);
    }
  }

  /**
   * Gives the order for a load; resolves with its report.
   *
   * @param listener takes what happens meanwhile
   * @param limitMs without any event; each second of a load that runs has one
   * @throws RuntimeFault when the process ends, no longer answers, or cannot put the load on
   */
  async load(
    order: Order & { kind: 'load' },
    listener: (event: Event) => void,
    limitMs: number,
  ): Promise<LoadReport> {
    const event = await this.#until(order, ['loaded', 'ended'], limitMs, listener);
    if (event.kind === 'loaded') return event.report;
    throw new RuntimeFault('RUNTIME_REFUSED', (event.kind === 'ended' && event.sentence) || '');
  }

  /** The load that is prepared begins, at that time (milliseconds since the epoch) or at once. */
  go(atMs?: number): void {
    this.#tell({ kind: 'go', ...(atMs === undefined ? {} : { atMs }) });
  }

  /** A further part of a load whose plan is sliced. */
  grant(slice: LoadSlice): void {
    this.#tell({ kind: 'slice', slice });
  }

  /** What runs is ended properly. */
  abort(): void {
    this.#tell({ kind: 'abort' });
  }

  /** Ends the calls and the process, by force when it takes too long. */
  async stop(): Promise<void> {
    try {
      await this.#until({ kind: 'stop' }, [], LIMITS.stop);
    } catch {
      // The end of the process is what it waits for.
    }
    this.kill();
  }

  kill(): void {
    this.#silence.end();
    this.#child.kill('SIGKILL');
  }

  /**
   * Gives an order and waits for one of the events.
   *
   * @param limitMs counts from the last event that is more than a sign of life
   */
  async #until(
    order: Order,
    kinds: readonly Event['kind'][],
    limitMs: number,
    heard: (event: Event) => void = () => undefined,
  ): Promise<Event> {
    let patience: Patience | undefined;
    const answer = new Promise<Event>((resolve, reject) => {
      patience = new Patience(limitMs, () => {
        const sentence = `Nothing was heard of Node-RED for ${Math.round(limitMs / 1000)} s.`;
        reject(new RuntimeFault('RUNTIME_HUNG', sentence));
      });
      this.#heard = (event) => {
        if (event.kind === 'alive') return;
        patience?.renew();
        if (kinds.includes(event.kind)) resolve(event);
        else heard(event);
      };
      patience.renew();
    });
    this.#tell(order);
    try {
      return await Promise.race([answer, this.#ended]);
    } finally {
      patience?.end();
      this.#heard = () => undefined;
    }
  }

  #hasEnded(how: string): RuntimeFault {
    this.#silence.end();
    const last = this.#lines.length > 0 ? ` Its last lines: ${this.#lines.join(' | ')}` : '';
    return new RuntimeFault('RUNTIME_ENDED', `Node-RED ended unexpectedly (${how}).${last}`);
  }

  #tell(order: Order): void {
    // An order that no longer reaches the process is answered by its end.
    if (this.#child.connected) this.#child.send(order, () => undefined);
  }
}
