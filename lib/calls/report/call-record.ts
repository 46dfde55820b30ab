import type { Clock } from '../../common';
import type { MediaSession, MediaStatistics } from '../../media';
import type { EndCause } from '../peer/leg';
import { nextState, type CallTrigger } from '../state';
import type { CallInfo, CallState, DtmfMethod, SipReport, WaitEvent } from '../types';
import { callInfo, type CallFacts } from './call-info';

/** A bit for each state that somebody can wait for. */
const EARLY_MEDIA = 2;
const REACHED: Readonly<Partial<Record<CallState | WaitEvent, number>>> = {
  ringing: 1,
  'early-media': EARLY_MEDIA,
  answered: 4,
};

/** Record of a call: its state, the last report of signalling, and the facts of `msg.callInfo`. */
export class CallRecord {
  /** Whether the peer holds us. */
  held = false;
  #state: CallState = 'new';
  #lastSip: SipReport = { event: 'new' };
  readonly #facts: CallFacts;
  /** Bits of the states that were reached. */
  #reached = 0;

  constructor(
    private readonly clock: Clock,
    direction: 'in' | 'out',
    private readonly phoneMethod: DtmfMethod,
  ) {
    this.#facts = { direction, startedAt: clock.wallNow(), headers: {} };
  }

  get state(): CallState {
    return this.#state;
  }

  get lastSip(): SipReport {
    return this.#lastSip;
  }

  /** Wall-clock milliseconds of the answer. */
  get answeredAt(): number | undefined {
    return this.#facts.answeredAt;
  }

  transition(trigger: CallTrigger): void {
    this.#state = nextState(this.#state, trigger);
    this.#reached |= REACHED[this.#state] ?? 0;
  }

  /** Media is ready, also where the state stays as it is. */
  mediaReady(): void {
    this.transition('earlyMedia');
    this.#reached |= EARLY_MEDIA;
  }

  answered(): void {
    this.transition('confirm');
    this.#facts.answeredAt = this.clock.wallNow();
  }

  ending(cause: EndCause): void {
    this.transition('end');
    this.#facts.endedAt = this.clock.wallNow();
    this.#facts.endedBy = cause.by;
    if (cause.status !== undefined) this.#facts.status = cause.status;
    if (cause.reason !== undefined) this.#facts.reason = cause.reason;
  }

  /** Whether an event that is to be waited for has occurred already. */
  isTrue(event: WaitEvent): boolean {
    return event === 'held' ? this.held : (this.#reached & (REACHED[event] ?? 0)) !== 0;
  }

  /** Records the last report of signalling, and the headers of the peer's last message. */
  note(sip: SipReport): SipReport {
    this.#lastSip = sip;
    if (sip.headers) this.#facts.headers = sip.headers;
    if (sip.status !== undefined) {
      this.#facts.status = sip.status;
      this.#facts.reason = sip.reason;
    }
    return sip;
  }

  info(session: MediaSession | undefined, statistics?: MediaStatistics): CallInfo {
    const context = { phoneMethod: this.phoneMethod, now: this.clock.wallNow() };
    return callInfo(this.#facts, this.#state, session, statistics, context);
  }
}
