import type { CodecName } from '../audio';
import { type Failure, type TimerHandle, toSipflowError } from '../common';
import type {
  CallerIdentity,
  MessageBody,
  OutgoingInvite,
  OutgoingInviteOptions,
  SipDialog,
  SipEndpoint,
  SipResponseInfo,
} from '../sip';
import { BaseCall } from './call';
import { isOver } from './state';
import type { CallContext, CallIdentity } from './call-context';
import type { EndCause } from './peer/leg';
import { Forks } from './peer/forks';
import { negotiationFault, offerRefusal, type OfferRefusal } from './peer/offer-refusal';
import { OutgoingLeg } from './peer/outgoing-leg';
import { Redirections } from './peer/redirect';
import type { Retries } from './peer/retries';
import { failureOf, reportResponse, redirectContacts } from './report/sip-report';
import type { DialOutcome, ExtraHeaders, OutgoingCall, SipReport } from './types';

const SDP = 'application/sdp';
const NO_SDP: Failure = {
  code: 'NO_COMMON_CODEC',
  message: 'The other side answered without SDP, so there is no audio.',
};

export interface PlacedCallOptions {
  /** Request-URI. */
  target: string;
  /** Target as it was dialled; `target` is the URI found for it. */
  dialled: string;
  /** None when absent. */
  retries?: Retries | undefined;
  destination?: { address: string; port: number } | undefined;
  headers?: ExtraHeaders | undefined;
  /** The phone itself when absent. */
  caller?: CallerIdentity | undefined;
  /** Hops that are left to each INVITE; 70 when absent. */
  maxForwards?: number | undefined;
  codecs: readonly CodecName[];
  /** Seconds. */
  ringTimeout: number;
  /** Seconds; the phone's setting when absent. */
  maxCallDuration?: number | undefined;
  followRedirects?: boolean;
  /** Whether the other side makes the offer, in its 2xx, which our ACK answers (RFC 3261, 13.2.1). */
  lateOffer?: boolean;
}

/** A call that we make: INVITE with our offer, early media by any 18x with SDP, answer by the 200 (pitfall 7). */
export class PlacedCall extends BaseCall implements OutgoingCall {
  declare readonly direction: 'out';
  readonly outcome: Promise<DialOutcome>;
  #settleOutcome!: (outcome: DialOutcome) => void;
  #settled = false;
  #ringTimer: TimerHandle | undefined;
  /** The latest INVITE. */
  #outgoing: OutgoingInvite | undefined;
  #retryTimer: TimerHandle | undefined;
  /** Made for the first redirection of an attempt. */
  #redirections: Redirections | undefined;
  /** Why the offer of a fork cannot be accepted, when our own was left out; by To tag. */
  #offerFaults: Map<string | undefined, Failure> | undefined;
  #forks!: Forks;

  constructor(
    context: CallContext,
    identity: CallIdentity,
    private readonly options: PlacedCallOptions,
  ) {
    super(context, identity, options.codecs, options.maxCallDuration);
    this.outcome = new Promise((resolve) => {
      this.#settleOutcome = resolve;
    });
  }

  /** Refuses the call before anything was sent, as the network would have done. */
  refuse(status: number, reason: string, diagnosis?: string): Promise<void> {
    const sip = {
      event: 'failed',
      status,
      reason,
      ...(diagnosis === undefined ? {} : { diagnosis }),
    };
    if (this.options.retries?.covers(status)) {
      // The dialling program can add listeners only when dialling has returned.
      this.#retryTimer = this.clock.setTimeout(() => void this.#retried(sip), 0);
      return Promise.resolve();
    }
    this.#settle({ kind: 'failed', sip, failure: failureOf(status, reason, diagnosis) });
    return this.end({ by: 'error', status, reason }, sip, { notifyPeer: false });
  }

  /**
   * Binds the RTP ports and sends the INVITE.
   * @throws SipflowError RTP_PORTS_EXHAUSTED, TRANSPORT; the call is over then
   */
  async start(endpoint: SipEndpoint): Promise<void> {
    try {
      const { target, destination } = this.options;
      const seenAs = endpoint.addressToward({ target, ...(destination && { destination }) });
      this.negotiation.advertise(seenAs instanceof Promise ? await seenAs : seenAs);
      await this.negotiation.reserve();
      this.assertLive();
      this.#invite(endpoint);
    } catch (error) {
      const fault = toSipflowError(error, 'TRANSPORT');
      await this.fail(fault.toFailure());
      throw fault;
    }
  }

  protected setupOver(cause: EndCause, sip: SipReport): void {
    this.clock.clearTimeout(this.#ringTimer);
    this.clock.clearTimeout(this.#retryTimer);
    const reason = cause.reason ?? 'Request Terminated';
    this.#settle({
      kind: 'failed',
      sip,
      failure: { code: 'CALL_ENDED', message: `The call was given up before it was answered: ${reason}.` },
    });
  }

  override pickedUp(sip: SipReport): void {
    this.clock.clearTimeout(this.#ringTimer);
    this.#settle({ kind: 'answered', sip });
  }

  #invite(endpoint: SipEndpoint): void {
    const { target, destination } = this.options;
    const options = this.#inviteTo(target);
    options.callId = this.ref.callId;
    if (destination) options.destination = destination;
    const invite = endpoint.invite(options);
    // First, because an INVITE that cannot be sent fails at once, and its end clears the timer.
    this.#limitRinging();
    this.#follow(invite);
  }

  #limitRinging(): void {
    const limit = this.options.ringTimeout;
    if (limit > 0) this.#ringTimer = this.clock.setTimeout(() => this.#ringTimedOut(limit), limit * 1000);
  }

  /** Whether a failure is only the end of an attempt; the next one follows after the pause. */
  #retried(sip: SipReport & { status: number }): boolean {
    const { retries } = this.options;
    if (isOver(this.state) || !retries?.covers(sip.status)) return false;
    const { leg } = this;
    this.clock.clearTimeout(this.#ringTimer);
    leg?.release();
    this.leg = undefined;
    // One that still rings is cancelled; for any other this does nothing.
    void leg?.end({ by: 'local' });
    this.#retryTimer = this.clock.setTimeout(() => void this.#redial(), retries.pauseMs);
    this.emit('progress', this.note({ ...sip, event: 'retry', attempt: retries.take() }));
    return true;
  }

  /** Dials again, as a new call on the wire: the number may lead elsewhere by now. */
  async #redial(): Promise<void> {
    const { dialled, headers = {} } = this.options;
    try {
      this.negotiation.advertise(await this.context.addressToward(dialled));
      await this.negotiation.reserve();
      if (isOver(this.state)) return;
      this.#redirections = undefined;
      this.#offerFaults = undefined;
      const invite = this.context.invite({ ...this.#inviteTo(dialled), headers });
      if (!invite) return this.#refused({ status: 404, reason: 'Not Found', headers: {} }, 'remote');
      this.#limitRinging();
      this.#follow(invite);
    } catch (error) {
      await this.fail(toSipflowError(error, 'TRANSPORT').toFailure());
    }
  }

  /** An INVITE to that URI, with our offer, or the function that answers theirs. */
  #inviteTo(target: string): OutgoingInviteOptions {
    const { headers, caller, maxForwards, lateOffer } = this.options;
    const options: OutgoingInviteOptions = { target };
    if (headers) options.headers = headers;
    if (caller) options.caller = caller;
    if (maxForwards !== undefined) options.maxForwards = maxForwards;
    if (lateOffer) return { ...options, ...this.#lateOffer };
    options.body = { contentType: SDP, content: this.negotiation.offer() };
    return options;
  }

  get #lateOffer(): Pick<OutgoingInviteOptions, 'lookUp' | 'answerLateOffer'> {
    return {
      lookUp: ({ toTag, body }) => this.#forks.of(toTag).lookUp(body?.content),
      answerLateOffer: (response) => this.#answerOffer(response),
    };
  }

  /** The offer in a 2xx or a reliable 18x: media may begin, our answer leaves now. */
  #answerOffer({ body, toTag }: SipResponseInfo): MessageBody | undefined {
    if (isOver(this.state)) return undefined;
    const result = this.#forks.of(toTag).answer(body?.content ?? '');
    if (!result.ok) {
      (this.#offerFaults ??= new Map()).set(toTag, negotiationFault(result));
      return undefined;
    }
    result.open();
    return { contentType: SDP, content: result.answer };
  }

  #follow(invite: OutgoingInvite): void {
    this.#forks = new Forks(this.negotiation);
    this.#outgoing = invite;
    this.leg = new OutgoingLeg(invite, {
      early: (dialog) => this.watchEarly(dialog, this.#forks.of(dialog.remoteTag)),
      progress: (response) => this.#onProgress(response),
      answered: (response, dialog) => this.#onAnswered(response, dialog),
      failed: (response, origin) => this.#onFailed(response, origin),
    });
  }

  #onProgress(response: SipResponseInfo): void {
    if (this.#settled) return;
    const negotiation = this.#forks.of(response.toTag);
    const looking = negotiation.lookUp(response.body?.content);
    if (looking) return void looking.then(() => this.#onProgress(response));
    if (response.body && !this.options.lateOffer && !negotiation.answersPeer) {
      negotiation.complete(response.body.content);
    }
    const early = response.body !== undefined && this.media.session !== undefined;
    if (response.status === 180) this.transition('ring');
    const event = early ? 'early-media' : response.status === 180 ? 'ringing' : 'progress';
    this.emit('progress', this.note(reportResponse(event, response)));
  }

  #onAnswered(response: SipResponseInfo, dialog: SipDialog): void {
    this.clock.clearTimeout(this.#ringTimer);
    if (this.#settled) return;
    const looking = this.#forks.of(response.toTag).lookUp(response.body?.content);
    if (looking) return void looking.then(() => this.#onAnswered(response, dialog));
    const failure = this.#completeAnswer(response);
    if (failure !== undefined) {
      const { message } = failure;
      const sip = reportResponse('failed', response, message);
      this.#settle({ kind: 'failed', sip, failure });
      void this.end({ by: 'error', reason: message }, sip, { notifyPeer: true });
      return;
    }
    const sip = this.withDigitAdvice(reportResponse('answered', response));
    this.confirm(sip, dialog);
    this.#settle({ kind: 'answered', sip });
  }

  /** Takes the SDP of the 200. Returns the failure when the answer cannot be used. */
  #completeAnswer({ body, toTag }: SipResponseInfo): Failure | undefined {
    const fault = this.#offerFaults?.get(toTag);
    if (fault !== undefined) return fault;
    const negotiation = this.#forks.of(toTag);
    this.settleOn(negotiation);
    this.#forks.settle(negotiation);
    if (!body || this.options.lateOffer || negotiation.answersPeer) {
      return (negotiation.resume() ?? this.media.session) ? undefined : NO_SDP;
    }
    const result = negotiation.complete(body.content);
    return result.ok ? undefined : negotiationFault(result);
  }

  #onFailed(response: SipResponseInfo, origin: 'remote' | 'timeout' | 'transport'): void {
    if (!this.#settled && this.#redirected(response)) return;
    this.#refused(response, origin);
  }

  #refused(response: SipResponseInfo, origin: 'remote' | 'timeout' | 'transport'): void {
    const { status, reason } = response;
    const refused = offerRefusal(response, this.negotiation);
    const diagnosis = this.#diagnosisOf(response, refused);
    const sip = { ...reportResponse('failed', response, diagnosis), status };
    if (this.#retried(sip)) return;
    const failure: Failure =
      origin === 'transport'
        ? { code: response.fault ?? 'TRANSPORT', message: `The call could not be sent: ${reason}.` }
        : failureOf(status, reason, diagnosis, refused?.code);
    this.#settle({ kind: 'failed', sip, failure });
    void this.end({ by: origin === 'remote' ? 'remote' : 'error', status, reason }, sip, {
      notifyPeer: false,
    });
  }

  #diagnosisOf(response: SipResponseInfo, refused: OfferRefusal | undefined): string | undefined {
    if (refused !== undefined) return refused.diagnosis;
    const unregistered = this.context.registrationAdvice(response.status);
    if (unregistered !== undefined) {
      return response.diagnosis ? `${response.diagnosis} ${unregistered}` : unregistered;
    }
    const contacts = redirectContacts(response);
    return contacts.length > 0
      ? `The other side redirects the call to ${contacts.join(' or ')}.`
      : response.diagnosis;
  }

  /** Whether there is another contact to call, in the same call; it is called then. */
  #redirected(response: SipResponseInfo): boolean {
    if (isOver(this.state)) return false;
    const { context, phone } = this;
    const known = phone.transferPolicy === 'auto' || this.#outgoing?.trusted === true;
    // An untrusted peer must not redirect us to the servers where our account pays.
    const { followRedirects, target: first } = this.options;
    const redirections = (this.#redirections ??= new Redirections(followRedirects === true, first));
    const target = redirections.next(response, (uri) => known || !context.isOwn(uri));
    if (target === undefined) return false;
    void this.#callContact(target, response);
    return true;
  }

  /** Calls a contact of a redirection; one that cannot be called counts as a 404. */
  async #callContact(target: string, response: SipResponseInfo): Promise<void> {
    try {
      // It may be on another network than the sender of the redirection.
      this.negotiation.advertise(await this.context.addressToward(target));
      if (isOver(this.state)) return;
      const invite = this.context.invite({
        ...this.#inviteTo(target),
        headers: this.options.headers ?? {},
        callId: this.ref.callId,
        dialled: this.options.target,
      });
      if (invite) {
        this.leg?.release();
        this.emit('progress', this.note(reportResponse('redirected', response)));
        this.#follow(invite);
        return;
      }
      if (this.#redirected({ ...response, status: 404, headers: {} })) return;
    } catch {
      // The call ends with the redirection.
    }
    if (!isOver(this.state)) this.#refused(response, 'remote');
  }

  #ringTimedOut(limit: number): void {
    const reason = 'Request Timeout';
    const sip = { event: 'failed', status: 408, reason };
    if (this.#retried(sip)) return;
    const message = `${this.ref.to} did not answer within ${limit} s.`;
    this.#settle({ kind: 'failed', sip, failure: { code: 'TIMEOUT', message } });
    void this.end({ by: 'local', status: 408, reason }, sip, { notifyPeer: true });
  }

  #settle(outcome: DialOutcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settleOutcome(outcome);
  }
}
