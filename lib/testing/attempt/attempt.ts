import type { DialOptions, OutgoingCall, Phone } from '../../calls';
import { settledWithin, SipflowError, type TimerHandle, toSipflowError } from '../../common';
import { TEST_LIMITS } from '../limits';
import type { TestCase } from '../test-case';
import type { Attempt, Check, Leak, NodeName, TestRef } from '../types';
import type { AttemptHost } from './attempt-host';
import { AttemptLog, cut, NO_STEP, type OpenStep, rounded } from './attempt-log';
import { CallSeries } from './call-series';
import { type AnyCall, conclude } from './conclusion';
import { judge } from './judge';
import { saveCaptures } from './save-captures';
import {
  type AttemptEffect,
  type AttemptEvent,
  type AttemptState,
  type Ending,
  nextPhase,
  type Phase,
  WAITING,
} from './state';

/** Header field with the mark of an attempt: 128 random bits in hexadecimal. */
export const TEST_HEADER = 'X-Sipflow-Test';

const NO_HEADERS: Readonly<Record<string, string>> = {};

/**
 * One try of a test case. It begins when it holds its phones and ends once: by its test end, a check that stops it, an
 * error that nobody handled, its time limit, or by being stopped. After that everything that still comes is ignored.
 */
export class TestAttempt {
  #phase: Phase = WAITING;
  #log: AttemptLog | undefined;
  #began = 0;
  #hasBegun = false;
  #row: object | undefined;
  #timer: TimerHandle | undefined;
  #calls: Map<string, AnyCall> | undefined;
  /** Live calls above the limit. */
  #further: Set<AnyCall> | undefined;
  #series: CallSeries | undefined;
  #release: AbortController | undefined;
  /** From the end of concluding until it is reported. */
  #outcome: Attempt | undefined;

  /**
   * @param timeoutMs from when it begins
   * @param mark token for the header `X-Sipflow-Test`; undefined when the case sends none
   */
  constructor(
    readonly ref: TestRef,
    readonly testCase: TestCase,
    readonly mark: string | undefined,
    row: object | undefined,
    private readonly timeoutMs: number,
    private readonly host: AttemptHost,
  ) {
    this.#row = row;
  }

  get state(): AttemptState {
    return this.#phase.state;
  }

  /** Whether it has ended: nothing changes its outcome any more, and nothing of it should be sent on. */
  get over(): boolean {
    return this.state === 'concluding' || this.state === 'done';
  }

  /** Aborts when whoever waits for the attempt should give up. */
  get signal(): AbortSignal {
    this.#release ??= new AbortController();
    if (this.state === 'done') this.#release.abort();
    return this.#release.signal;
  }

  /** Header fields for requests of the attempt: its mark, when it has one. */
  get headers(): Readonly<Record<string, string>> {
    return this.mark === undefined ? NO_HEADERS : { [TEST_HEADER]: this.mark };
  }

  /** Whether it has held its phones. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Milliseconds since it began. */
  get elapsedMs(): number {
    return this.#hasBegun ? rounded(this.host.clock.now() - this.#began) : 0;
  }

  /** The attempt holds its phones: its time limit starts, and its first message is sent. */
  begin(): void {
    if (this.state !== 'waiting') return;
    this.#began = this.host.clock.now();
    this.#hasBegun = true;
    this.#log = new AttemptLog(() => this.host.clock.now() - this.#began);
    this.#apply({ kind: 'begin' });
  }

  /**
   * Dials as part of the attempt: the INVITE carries its mark, and the call belongs to it. Rejects as `dial` does, and
   * with CALL_STATE when the attempt has ended.
   */
  async dial(phone: Pick<Phone, 'dial'>, options: DialOptions): Promise<OutgoingCall> {
    if (this.over)
      throw new SipflowError('CALL_STATE', 'The test has ended already: it makes no further call.');
    const { headers } = this;
    const beganMs = this.host.clock.now();
    const call = await phone.dial(
      headers === NO_HEADERS ? options : { ...options, headers: { ...options.headers, ...headers } },
    );
    this.adopt(call, beganMs);
    return call;
  }

  /**
   * Makes a call part of the attempt. One that comes when it has ended is hung up.
   *
   * @param beganMs when it began, by the clock
   */
  adopt(call: AnyCall, beganMs = this.host.clock.now()): void {
    if (this.over) return void call.hangup();
    if (this.#calls?.has(call.id) || this.#further?.has(call)) return;
    const calls = (this.#calls ??= new Map<string, AnyCall>());
    if (calls.size < TEST_LIMITS.calls) {
      calls.set(call.id, call);
      if (this.host.watchesAudio) (this.#series ??= new CallSeries(() => this.elapsedMs)).watch(call);
    } else {
      const further = (this.#further ??= new Set());
      further.add(call);
      call.on('ended', () => {
        if (further.delete(call)) this.host.left(this, call);
      });
      this.#log?.leaveOut('calls');
    }
    this.host.joined(this, call, beganMs);
  }

  /** Takes a call out again, because it belongs to another attempt. */
  disown(call: AnyCall): void {
    this.#calls?.delete(call.id);
    this.#series?.leave(call.id);
    this.#further?.delete(call);
  }

  /** Records that one of the nodes handles a message of the attempt. */
  beginStep(node: NodeName, call?: string): OpenStep {
    if (!this.#log || this.state === 'done') return NO_STEP;
    return this.#log.begin(node, call, (step) => this.host.stepped(this, step));
  }

  /**
   * Records checks.
   *
   * @param stop whether a failed check of severity `error` ends the attempt
   * @returns `stopped` when the attempt is over: nothing of it is to be sent on
   */
  addChecks(checks: readonly Check[], { stop }: { stop: boolean }): 'go on' | 'stopped' {
    if (this.over) {
      this.host.late(this, 'A check came when the test had ended already; it does not count.');
      return 'stopped';
    }
    for (const check of checks) this.#log?.add(check);
    const failed = stop ? checks.find(({ ok, severity }) => !ok && severity === 'error') : undefined;
    if (!failed) return 'go on';
    this.#end({ by: 'check', check: failed });
    return 'stopped';
  }

  /**
   * Ends the attempt at its test end.
   *
   * @param options.result `checks`: what the checks say; `failed` and `skipped` whatever they say
   * @returns false when it had ended already, which a `warning` of the tests says too
   */
  end(options: { result: 'checks' | 'failed' | 'skipped'; reason?: string; node: NodeName }): boolean {
    if (!this.over) return this.#end({ by: 'end', ...options });
    this.host.late(
      this,
      'The test came to its end once more, or after its time-out; only the first ending counts.',
    );
    return false;
  }

  /** Ends the attempt because of an error that nobody handled. Returns false when it had ended already. */
  uncaught(error: unknown, node?: NodeName): boolean {
    const code = codeOf(error);
    const { message } = toSipflowError(error);
    if (!this.over) return this.#end({ by: 'error', code, message, ...(node ? { node } : {}) });
    this.host.late(this, `An error came when the test had ended already: ${cut(message)}`);
    return false;
  }

  /** Ends the attempt from outside; it has failed then. */
  stop(message: string): boolean {
    return !this.over && this.#end({ by: 'stop', message });
  }

  #end(ending: Ending): true {
    this.#apply({ kind: 'ending', ending, atMs: this.elapsedMs });
    return true;
  }

  #apply(event: AttemptEvent): void {
    const { phase, effects } = nextPhase(this.#phase, event);
    this.#phase = phase;
    for (const effect of effects) this.#effect(effect);
  }

  #effect(effect: AttemptEffect): void {
    const { clock } = this.host;
    switch (effect) {
      case 'start-timer':
        this.#timer = clock.setTimeout(() => this.#timedOut(), this.timeoutMs);
        return this.host.begun(this);
      case 'send-first-message':
        return this.#start();
      case 'stop-timer':
        return clock.clearTimeout(this.#timer);
      case 'release-waiters':
        return this.#release?.abort();
      case 'conclude':
        return void this.#conclude();
      case 'report':
        return this.#report();
    }
  }

  #start(): void {
    try {
      this.testCase.start(this.ref, this.#row);
    } catch (error) {
      this.uncaught(error, this.testCase.node);
    }
  }

  #timedOut(): void {
    this.#end({ by: 'timeout', timeoutMs: this.timeoutMs });
  }

  async #conclude(): Promise<void> {
    const { clock } = this.host;
    const { ending, endedAtMs = 0 } = this.#phase;
    const log = this.#log ?? new AttemptLog(() => 0);
    if (!ending) return;
    const deadline = clock.now() + TEST_LIMITS.concludeMs;
    const judged = (by: Ending, leaks: readonly Leak[]): ReturnType<typeof judge> =>
      judge({ ending: by, endedAtMs, checks: log.checks, leaks, latest: log.latest });
    const { leaks, calls, fault } = await conclude({
      clock,
      ending,
      log,
      calls: [...(this.#calls?.values() ?? [])],
      series: (id) => this.#series?.of(id),
      phoneName: (id) => this.host.phoneName(this, id),
      further: [...(this.#further ?? [])],
      keepsMessages: (found) => this.host.keepsMessages(judged(ending, found)),
      deadline,
    }).catch((error: unknown) => ({ leaks: [], calls: [], fault: toSipflowError(error) }));
    log.settle();
    const { steps, checks, leftOut } = log;
    const attempt: Attempt = {
      test: this.ref,
      ...judged(fault ? { by: 'error', ...fault.toFailure() } : ending, leaks),
      startedAt: new Date(clock.wallNow() - this.elapsedMs).toISOString(),
      durationMs: endedAtMs,
      steps,
      checks,
      calls,
      leaks,
      artefacts: [],
      ...(Object.keys(leftOut).length > 0 ? { leftOut } : {}),
    };
    await this.#saveCaptures(attempt, deadline);
    await this.#collect(attempt, deadline);
    this.#outcome = attempt;
    this.#apply({ kind: 'concluded' });
  }

  /** Hands the outcome over and keeps nothing of it: ended attempts are remembered for late messages. */
  #report(): void {
    const outcome = this.#outcome;
    for (const call of [...(this.#calls?.values() ?? []), ...(this.#further ?? [])])
      this.host.left(this, call);
    this.#series?.leave();
    this.#calls = this.#further = this.#series = this.#log = this.#outcome = this.#row = undefined;
    if (outcome) this.host.done(this, outcome);
  }

  async #saveCaptures(attempt: Attempt, deadline: number): Promise<void> {
    const { clock, captures } = this.host;
    if (!captures || attempt.calls.length === 0) return;
    let isLate = false;
    const saving = saveCaptures(attempt, [...(this.#calls?.values() ?? [])], captures, () => isLate);
    await settledWithin(clock, saving, Math.max(0, deadline - clock.now()));
    isLate = true;
  }

  async #collect(attempt: Attempt, deadline: number): Promise<void> {
    const { clock } = this.host;
    const collecting = this.host.collect(attempt, this.testCase);
    if (!collecting) return;
    const added = collecting.then((artefacts) => {
      if (this.state === 'done') return;
      attempt.artefacts.push(...artefacts.slice(0, TEST_LIMITS.artefacts));
    });
    await settledWithin(clock, added, Math.max(0, deadline - clock.now()));
  }
}

/** The stable code that an error carries, whoever made it. */
function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code !== '' ? code.slice(0, 80) : 'INTERNAL';
}
