import { type Clock, type TimerHandle, toSipflowError } from '../../common';
import type { IncomingRefer, OutgoingInvite, ReferNotifier, SipDialog, SipResponseInfo } from '../../sip';
import type { CallContext } from '../call-context';
import type { Negotiation } from '../peer/negotiation';
import { OutgoingLeg } from '../peer/outgoing-leg';
import { failureOf, reportResponse } from '../report/sip-report';
import type { ExtraHeaders, SipReport, TransferOutcome } from '../types';

const SDP = 'application/sdp';
/** How long a flow may think about a transfer, and how long the new peer may ring. */
const DECISION_MS = 45_000;
const RING_MS = 60_000;

/** Interface of the call for a transfer that the peer asks for (transferee). */
export interface TransfereeHost {
  readonly clock: Clock;
  readonly invite: CallContext['invite'];
  readonly addressToward: CallContext['addressToward'];
  /** A negotiation for the new peer on the ports and the session of the call. */
  successor(): Negotiation;
  progress(sip: SipReport): void;
  /** The new peer answered: the call goes on with it. The old dialog ends when `notified` settles. */
  replaced(
    leg: OutgoingLeg,
    dialog: SipDialog,
    negotiation: Negotiation,
    sip: SipReport,
    notified: Promise<void>,
  ): void;
  /** The transfer is over, successful or not. */
  settled(): void;
}

/**
 * One REFER that asks us to call another target, from the 202 to its outcome. The call stays with its old peer until
 * the new one has answered; without an answer nothing changes.
 */
export class IncomingTransfer {
  readonly #notifier: ReferNotifier;
  #timer: TimerHandle | undefined;
  #invite: OutgoingInvite | undefined;
  #leg: OutgoingLeg | undefined;
  readonly #early = new Map<string | undefined, string>();
  #over = false;
  #following: Promise<TransferOutcome> | undefined;
  #settle: (outcome: TransferOutcome) => void = () => undefined;
  /** Action for a transfer that fails after the old peer has hung up. */
  #ifFailed: (() => void) | undefined;

  constructor(
    private readonly refer: IncomingRefer,
    private readonly host: TransfereeHost,
  ) {
    this.#notifier = refer.accept();
    this.#timer = host.clock.setTimeout(() => this.decline(480, 'Temporarily Unavailable'), DECISION_MS);
  }

  /** URI that we are asked to call (Refer-To). */
  get target(): string {
    return this.refer.target.uri;
  }

  get following(): boolean {
    return this.#following !== undefined && !this.#over;
  }

  /** Calls the target; resolves when it has answered or is known not to. Never rejects. */
  follow(): Promise<TransferOutcome> {
    return (this.#following ??= new Promise((resolve) => {
      this.#settle = resolve;
      void this.#call();
    }));
  }

  decline(status = 603, reason = 'Decline'): SipReport {
    const sip: SipReport = { event: 'transfer-declined', status, reason };
    this.#fail({ status, reason, sip });
    return sip;
  }

  /** The old peer hung up; it need not wait for the outcome (RFC 5589, 6). `ifFailed` ends the call then. */
  peerLeft(ifFailed: () => void): void {
    this.#ifFailed = ifFailed;
  }

  /** The call ends: nothing is pursued any longer. */
  abandon(): void {
    this.#ifFailed = undefined;
    this.#fail({ status: 487, reason: 'Request Terminated' });
  }

  async #call(): Promise<void> {
    const negotiation = this.host.successor();
    this.host.clock.clearTimeout(this.#timer);
    let invite: OutgoingInvite | undefined;
    try {
      // The new peer may be on another side of a NAT than the old one.
      negotiation.advertise(await this.host.addressToward(this.target));
      if (this.#over) return;
      invite = this.host.invite({
        target: this.target,
        dialled: null,
        headers: this.#headers(),
        body: { contentType: SDP, content: negotiation.offer() },
      });
    } catch (error) {
      const { code, message } = toSipflowError(error);
      const status = code === 'BAD_TARGET' ? 416 : 503;
      this.#fail({ status, reason: 'Cannot Call the Target', diagnosis: message });
      return;
    }
    if (!invite) {
      this.#fail({ status: 404, reason: 'Not Found' });
      return;
    }
    this.#invite = invite;
    this.#timer = this.host.clock.setTimeout(
      () => this.#fail({ status: 408, reason: 'Request Timeout' }),
      RING_MS,
    );
    const leg: OutgoingLeg = new OutgoingLeg(invite, {
      progress: (response) => this.#progressed(response),
      answered: (response, dialog) => this.#answered(leg, dialog, negotiation, response),
      failed: (response) => this.#fail(response),
    });
    this.#leg = leg;
  }

  #headers(): ExtraHeaders {
    const { target, referredByField } = this.refer;
    return {
      ...target.headers,
      ...(referredByField === undefined ? {} : { 'Referred-By': referredByField }),
    };
  }

  #progressed(response: SipResponseInfo): void {
    // The media of the call stays with the old peer until the new one has answered.
    if (response.body) this.#early.set(response.toTag, response.body.content);
    this.#notifier.report(response);
    this.host.progress(reportResponse('transfer-progress', response));
  }

  #answered(leg: OutgoingLeg, dialog: SipDialog, negotiation: Negotiation, response: SipResponseInfo): void {
    const answer = response.body?.content ?? this.#early.get(response.toTag) ?? '';
    const looking = negotiation.lookUp(answer);
    if (looking) return void looking.then(() => this.#answered(leg, dialog, negotiation, response));
    const result = negotiation.complete(answer);
    if (!result.ok) {
      void dialog.bye();
      this.#fail({ status: 488, reason: 'Not Acceptable Here', diagnosis: result.diagnosis });
      return;
    }
    this.#finish();
    this.#notifier.report(response);
    const sip = reportResponse('replaced', response);
    this.host.replaced(leg, dialog, negotiation, sip, this.#notifier.finished);
    this.#settle({ kind: 'transferred', sip });
  }

  #fail(why: { status: number; reason: string; diagnosis?: string; sip?: SipReport }): void {
    if (this.#over) return;
    const { status, reason, diagnosis } = why;
    this.#finish();
    this.#leg?.release();
    this.#invite?.cancel();
    this.#notifier.report({ status, reason });
    const sip = why.sip ?? {
      event: 'failed',
      status,
      reason,
      ...(diagnosis === undefined ? {} : { diagnosis }),
    };
    this.#settle({ kind: 'failed', sip, failure: failureOf(status, reason, diagnosis) });
    this.#ifFailed?.();
  }

  #finish(): void {
    this.#over = true;
    this.host.clock.clearTimeout(this.#timer);
    this.host.settled();
  }
}
