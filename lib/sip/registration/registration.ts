import { randomUUID } from 'node:crypto';
import { type Clock, type SipflowError, toSipflowError } from '../../common';
import type { Headers } from '../types';
import { grantedExpires, readSeconds } from './contacts';
import { isRefusal, notKept, refusedBy } from './errors';
import { composeRegister, NO_ROUTES, readRoutes } from './messages';
import { refreshDelayMs, retryDelayMs } from './schedule';
import type {
  RegisterOutcome,
  RegistrationReport,
  RegistrationRoutes,
  RegistrationState,
  SendRegister,
} from './types';

export interface RegistrationOptions {
  clock: Clock;
  send: SendRegister;
  /** After every change that people or routing can see; also after a refresh that changed nothing but the time. */
  onReport(report: RegistrationReport): void;
  /** Request-URI: `sip:example.com`. */
  registrar: string;
  /** `sip:100@example.com` */
  addressOfRecord: string;
  /** Our Contact URI, without angle brackets. */
  contact: string;
  /** Seconds that we ask for. */
  expires: number;
  /** A fresh one when absent. */
  callId?: string;
  /** A number in [0, 1), for the spread of refreshes and retries. */
  random?: () => number;
}

/** 423 answers in a row that are followed. */
const MAX_RAISES = 3;
/** A week: a registrar that insists on more is not followed, one that grants more is asked again earlier. */
const MAX_EXPIRES = 604_800;
const MAX_OUTDATED = 4;

/**
 * Keeps one binding of an address-of-record alive (RFC 3261, 10.2): registers, refreshes, follows 423, backs
 * off and recovers, and takes the binding away at the end. One REGISTER is under way at a time. Pure but
 * for the clock and `send`.
 */
export class Registration {
  readonly #random: () => number;
  readonly #callId: string;
  #state: RegistrationState = 'unregistered';
  #contact: string;
  /** Contact URIs that were registered and are to be taken away with the next request. */
  #outdated = new Set<string>();
  #expires: number;
  #bindingEndsAt: number | undefined;
  #timer: ReturnType<Clock['setTimeout']> | undefined;
  #timerAt: number | undefined;
  #endTimer: ReturnType<Clock['setTimeout']> | undefined;
  #underWay: symbol | undefined;
  /** Next step, once the request under way is answered. */
  #next: 'refresh' | 'unregister' | undefined;
  #failures = 0;
  #raises = 0;
  #error: SipflowError | undefined;
  #status: number | undefined;
  #routes: RegistrationRoutes = NO_ROUTES;
  readonly #onClosed: (() => void)[] = [];

  constructor(private readonly options: RegistrationOptions) {
    this.#random = options.random ?? Math.random;
    this.#callId = options.callId ?? randomUUID();
    this.#contact = options.contact;
    this.#expires = options.expires;
  }

  get state(): RegistrationState {
    return this.#state;
  }

  get report(): RegistrationReport {
    const now = this.options.clock.now();
    const report: RegistrationReport = { state: this.#state, routes: this.#routes };
    if (this.#bindingEndsAt !== undefined) report.expiresInMs = Math.max(0, this.#bindingEndsAt - now);
    if (this.#timerAt !== undefined) report.nextInMs = Math.max(0, this.#timerAt - now);
    if (this.#error) report.error = this.#error;
    if (this.#status !== undefined) report.status = this.#status;
    return report;
  }

  /** Begins; does nothing when it has begun. */
  start(): void {
    if (this.#state === 'unregistered' && !this.#underWay) this.#register();
  }

  /**
   * Registers now instead of at the planned time: the connection to the registrar is new, the network is
   * back, the password was changed. Does nothing before `start` and after `close`.
   */
  refreshNow(): void {
    if (this.#state === 'unregistered' || this.#isEnding()) return;
    if (this.#underWay) this.#next ??= 'refresh';
    else this.#register();
  }

  /** Our address changed: registers the new Contact and takes the old one away in the same request. */
  changeContact(contact: string): void {
    if (contact === this.#contact || this.#isEnding()) return;
    this.#outdated.add(this.#contact);
    this.#outdated.delete(contact);
    // Without an answer for long, the oldest have run out by themselves.
    if (this.#outdated.size > MAX_OUTDATED) this.#outdated = new Set([...this.#outdated].slice(1));
    this.#contact = contact;
    if (this.#underWay) this.#next = 'refresh';
    else this.refreshNow();
  }

  /**
   * Takes the binding away and ends. Resolves when the registrar has answered or did not in time, at once
   * when there is nothing to take away. Never rejects.
   */
  close(): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    const closed = new Promise<void>((resolve) => this.#onClosed.push(resolve));
    if (this.#state !== 'unregistering') this.#beginToEnd();
    return closed;
  }

  /** Ends at once, without a word to the registrar. Idempotent. */
  abort(): void {
    this.#underWay = undefined;
    this.#clearTimers();
    this.#bindingEndsAt = undefined;
    this.#enter('closed');
    for (const resolve of this.#onClosed.splice(0)) resolve();
  }

  #beginToEnd(): void {
    const mayBeBound = this.#bindingEndsAt !== undefined || this.#underWay !== undefined;
    this.#clearTimers();
    if (!mayBeBound) {
      this.abort();
      return;
    }
    this.#enter('unregistering');
    // A second REGISTER may not overtake the first (RFC 3261, 10.2).
    if (this.#underWay) this.#next = 'unregister';
    else this.#transmit(0);
  }

  #register(): void {
    this.#cancelSchedule();
    if (this.#state !== 'registered') this.#enter('registering');
    this.#transmit(this.#expires);
  }

  #transmit(expires: number): void {
    const marker = Symbol('REGISTER');
    this.#underWay = marker;
    this.#next = undefined;
    const contact = this.#contact;
    const done = (outcome: RegisterOutcome): void => {
      // A second answer, and one that comes after abort, changes nothing.
      if (this.#underWay !== marker) return;
      this.#underWay = undefined;
      this.#take(outcome, contact);
    };
    try {
      this.options.send(
        composeRegister(this.options, this.#callId, contact, [...this.#outdated], expires),
        done,
      );
    } catch (error) {
      // Timers end up here: what the sender throws must not end the process.
      done({ kind: 'fault', error: toSipflowError(error) });
    }
  }

  #take(outcome: RegisterOutcome, contact: string): void {
    this.#status = outcome.kind === 'response' ? outcome.status : undefined;
    if (this.#isEnding()) {
      // What was under way when the end began may have made a binding, unless it was refused.
      const mayBeBound =
        outcome.kind === 'fault' || outcome.status < 300 || this.#bindingEndsAt !== undefined;
      if (this.#next === 'unregister' && mayBeBound) this.#transmit(0);
      else this.abort();
      return;
    }
    if (outcome.kind === 'fault') {
      this.#fail(outcome.error, outcome.error.code === 'AUTH', undefined);
    } else if (outcome.status >= 200 && outcome.status < 300) {
      this.#succeed(outcome.headers, contact);
    } else if (outcome.status === 423 && this.#raise(outcome.headers)) {
      this.#transmit(this.#expires);
    } else {
      const { status, reason, headers } = outcome;
      const error = refusedBy(this.options.registrar, status, reason);
      this.#fail(error, isRefusal(status), readSeconds(headers['Retry-After']?.[0]));
    }
  }

  #succeed(headers: Headers, contact: string): void {
    const granted = Math.min(grantedExpires(headers, contact, this.#expires), MAX_EXPIRES);
    if (granted === 0) {
      this.#fail(notKept(this.options.registrar), true, undefined);
      return;
    }
    const { clock } = this.options;
    this.#failures = 0;
    this.#raises = 0;
    this.#error = undefined;
    this.#routes = readRoutes(headers);
    if (contact === this.#contact) this.#outdated.clear();
    this.#bindingEndsAt = clock.now() + granted * 1_000;
    this.#watchBinding();
    if (this.#next === 'refresh') this.#register();
    else this.#schedule(refreshDelayMs(granted, this.#random));
    this.#enter('registered');
  }

  #fail(error: SipflowError, refused: boolean, retryAfterSeconds: number | undefined): void {
    this.#failures += 1;
    this.#raises = 0;
    this.#error = error;
    if (this.#next === 'refresh') this.#register();
    else this.#schedule(retryDelayMs(this.#failures, refused, retryAfterSeconds, this.#random));
    this.#enter(this.#bindingEndsAt === undefined ? 'failed' : 'registered');
  }

  /** Follows a 423; false when it asks for nothing that could help. */
  #raise(headers: Headers): boolean {
    const minimum = readSeconds(headers['Min-Expires']?.[0]);
    if (minimum === undefined || minimum <= this.#expires || minimum > MAX_EXPIRES) return false;
    if (this.#raises >= MAX_RAISES) return false;
    this.#raises += 1;
    this.#expires = minimum;
    return true;
  }

  #schedule(ms: number): void {
    const { clock } = this.options;
    this.#cancelSchedule();
    this.#timerAt = clock.now() + ms;
    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined;
      this.#timerAt = undefined;
      this.#register();
    }, ms);
  }

  /** Reports the end of a binding: refreshes failed for so long that the registrar has dropped it. */
  #watchBinding(): void {
    const { clock } = this.options;
    clock.clearTimeout(this.#endTimer);
    const leftMs = (this.#bindingEndsAt ?? 0) - clock.now();
    this.#endTimer = clock.setTimeout(() => {
      this.#endTimer = undefined;
      this.#bindingEndsAt = undefined;
      this.#enter(this.#underWay ? 'registering' : 'failed');
    }, leftMs);
  }

  #isEnding(): boolean {
    return this.#state === 'unregistering' || this.#state === 'closed';
  }

  #cancelSchedule(): void {
    this.options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = undefined;
  }

  #clearTimers(): void {
    this.#cancelSchedule();
    this.options.clock.clearTimeout(this.#endTimer);
    this.#endTimer = undefined;
  }

  #enter(state: RegistrationState): void {
    if (this.#state === 'closed') return;
    this.#state = state;
    this.options.onReport(this.report);
  }
}
