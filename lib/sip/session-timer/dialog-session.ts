import type { Clock } from '../../common';
import type { HeaderField } from '../message/extra-headers';
import type { Headers } from '../types';
import { readSessionFields } from './headers';
import {
  judgeRequest,
  raiseAfter422,
  readAnswer,
  requestHeaders,
  type SessionTimerSettings,
  type SessionVerdict,
} from './negotiation';
import { SessionTimer } from './session-timer';

/** Session timer policy of an endpoint. */
export interface SessionPolicy extends SessionTimerSettings {
  /** Whether our own requests ask for a timer; if not, only the peer's wish is followed. */
  asks: boolean;
}

/** RFC 4028, 4 and 5. */
const DEFAULT_INTERVAL = 1800;
const MINIMUM = 90;

/**
 * The policy for a setting.
 *
 * @param interval seconds; 0 or undefined: we ask for nothing
 */
export function sessionPolicy(interval: number | undefined): SessionPolicy {
  return { interval: interval || DEFAULT_INTERVAL, minimum: MINIMUM, asks: Boolean(interval) };
}

/** Dialog of a session timer. */
export interface DialogSessionHost {
  /** Send UPDATE or re-INVITE, and report a failure to `refreshFailed`. */
  refreshDue(): void;
  /** No refresh came in time. */
  sessionExpired(): void;
}

/** The session timer of one dialog, with what its messages say about it. */
export class DialogSession {
  #policy: SessionPolicy;
  /** Made with the first agreement: most sessions have no timer. */
  #timer: SessionTimer | undefined;
  #stopped = false;

  constructor(
    private readonly clock: Clock,
    policy: SessionPolicy,
    private readonly host: DialogSessionHost,
  ) {
    this.#policy = policy;
  }

  /** Fields of our next INVITE or UPDATE. */
  requestFields(): HeaderField[] {
    const agreement = this.#timer?.agreement;
    return this.#policy.asks || agreement ? requestHeaders(this.#policy, agreement) : [];
  }

  /** Takes a 422 to such a request; false when it makes no sense to send it again. */
  raise(headers: Headers): boolean {
    const raised = raisedPolicy(this.#policy, headers, this.#timer?.agreement);
    if (raised) this.#policy = raised;
    return raised !== undefined;
  }

  /** A 2xx to such a request: its agreement is in force. */
  answered(headers: Headers): void {
    this.#agree(readAnswer(this.#policy, headers));
  }

  /** Judges an INVITE or UPDATE of the peer. */
  judge(headers: Headers): SessionVerdict {
    return judge(this.#policy, headers, this.#timer?.agreement);
  }

  /** Our 2xx to what was judged is out. */
  accepted(verdict: SessionVerdict): void {
    if (verdict.kind === 'accept') this.#agree(verdict.agreement);
  }

  /** A refresh of ours has failed with that status. */
  refreshFailed(status: number): void {
    this.#timer?.refreshFailed(status);
  }

  /** The dialog has ended. Idempotent. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.stop();
  }

  #agree(agreement: SessionTimer['agreement']): void {
    if (agreement && !this.#stopped) {
      this.#timer ??= new SessionTimer({
        clock: this.clock,
        onRefresh: () => this.host.refreshDue(),
        onExpired: () => this.host.sessionExpired(),
      });
    }
    this.#timer?.agree(agreement);
  }
}

/** Judges an INVITE by a policy: who asks for no timer gets one only if we want it ourselves. */
export function judge(
  policy: SessionPolicy,
  headers: Headers,
  current?: SessionTimer['agreement'],
): SessionVerdict {
  const wanted = policy.asks || readSessionFields(headers).sessionExpires !== undefined;
  return judgeRequest(wanted ? policy : undefined, headers, current);
}

/** The policy with which a request is sent again after a 422; undefined when that makes no sense. */
export function raisedPolicy(
  policy: SessionPolicy,
  headers: Headers,
  current?: SessionTimer['agreement'],
): SessionPolicy | undefined {
  const raised = raiseAfter422(policy, headers, current);
  return raised && { ...raised, asks: policy.asks };
}
