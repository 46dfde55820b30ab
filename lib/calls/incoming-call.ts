import type { CodecName } from '../audio';
import { SipflowError, type TimerHandle } from '../common';
import { codecPreference, type NegotiationFailure } from '../sdp';
import type { AckResult, IncomingInvite, MessageBody, SipDialog, SipRequestInfo } from '../sip';
import { BaseCall } from './call';
import type { CallContext } from './call-context';
import { assertAnswer, assertEarlyMedia, assertReject } from './option-rules';
import { IncomingLeg } from './peer/incoming-leg';
import { negotiationFault, refusal } from './peer/offer-refusal';
import { originOf, reportInvite } from './report/caller';
import { isOver, isUnanswered } from './state';
import type {
  AnswerOptions,
  CallOrigin,
  EarlyMediaOptions,
  ExtraHeaders,
  Headers,
  IncomingCall,
  RejectOptions,
  SipReport,
} from './types';
import { waitForOne } from './wait';

const NO_EARLY_OFFER =
  'The caller sent no offer and does not acknowledge provisional responses (100rel), so media can begin only with the answer. Answer the call instead.';
const GONE = 'The call ended before its caller had acknowledged the early media.';

/** A call that reached us: ringing, early media, answer or refusal. */
export class ReceivedCall extends BaseCall implements IncomingCall {
  declare readonly direction: 'in';
  declare readonly origin: CallOrigin;
  /** The INVITE that made the call; another leg may have taken its place. */
  readonly #inviteLeg: IncomingLeg;
  #noAnswerTimer: TimerHandle | undefined;
  /** Time for the answer, and the response when it has passed. */
  #noAnswer = { timeout: 0, status: 480 };
  /** An offer of ours before the answer; resolves when its PRACK has brought the caller's answer. */
  #earlyOffer: Promise<SipReport> | undefined;

  constructor(context: CallContext, invite: IncomingInvite) {
    super(
      context,
      {
        direction: 'in',
        callId: invite.callId,
        from: invite.from,
        to: invite.to,
        called: invite.calledUser,
      },
      codecPreference(context.phone.codecs, { pcmuFallback: false }),
    );
    this.negotiation.advertise(invite.seenAs);
    this.negotiation.heard(invite.request.body?.content);
    const answerOffer: IncomingInvite['answerOffer'] = ({ body }) =>
      this.#answerFurtherOffer(body?.content ?? '');
    const lookUp: IncomingInvite['lookUp'] = ({ body }) => this.negotiation.lookUp(body?.content);
    invite.answerOffer = answerOffer;
    invite.lookUp = lookUp;
    const cancelled = (): void => {
      const facts = { status: 487, reason: 'Request Terminated' };
      void this.end({ by: 'remote', ...facts }, { event: 'cancelled', ...facts }, { notifyPeer: false });
    };
    const early = (dialog: SipDialog): void => this.watchEarly(dialog, this.negotiation);
    this.#inviteLeg = new IncomingLeg(invite, cancelled, early);
    this.leg = this.#inviteLeg;
    const report = reportInvite('incoming', invite);
    this.origin = originOf(report);
    this.note(report);
  }

  /** Sends 180 and starts the clock of the answer. `timeout` in seconds, 0 = none. */
  ring(options: { ring: boolean; timeout: number; status: number }): void {
    if (options.ring) {
      this.transition('ring');
      this.#inviteLeg.progress({ status: 180, reliable: this.#reliable });
    }
    if (options.timeout > 0) {
      this.#noAnswer = options;
      this.#awaitAnswer();
    }
  }

  /** Stops the clock of the answer until the returned function starts it anew. */
  restNoAnswer(): () => void {
    this.clock.clearTimeout(this.#noAnswerTimer);
    return () => {
      if (isUnanswered(this.state)) this.#awaitAnswer();
    };
  }

  /** The INVITE that made the call: its header fields, and whether its sender is known. */
  get invite(): { headers: Headers; trusted: boolean } {
    const { request, trusted } = this.#inviteLeg.invite;
    return { headers: request.headers, trusted };
  }

  /** Takes no codec but that one, where this side allows it, until the returned function is called. */
  agreeOn(codec: CodecName): () => void {
    const { codecs } = this.negotiation;
    if (codecs.includes(codec)) this.negotiation.useCodecs([codec]);
    return () => this.negotiation.useCodecs(codecs);
  }

  async answer(options: AnswerOptions = {}): Promise<SipReport> {
    assertAnswer(options);
    this.#assertUnanswered('answered');
    const codecs = options.codecs?.length
      ? codecPreference(options.codecs, { pcmuFallback: false })
      : undefined;
    this.transition('answer');
    this.clock.clearTimeout(this.#noAnswerTimer);
    if (codecs) this.negotiation.useCodecs(codecs);
    await this.#reserve();
    const { offer } = this.#inviteLeg;
    if (offer !== undefined) return this.#answerOffer(offer, options.headers);
    // Its own caller gets the outcome; when the call has ended, the next line throws.
    await this.#earlyOffer?.catch(() => undefined);
    this.assertLive();
    return this.media.session
      ? this.#confirmAnswer(undefined, options.headers)
      : this.#answerLateOffer(options.headers);
  }

  async reject(options: RejectOptions): Promise<SipReport> {
    assertReject(options);
    this.#assertUnanswered('rejected');
    const { status, reason, contact, headers } = options;
    await this.#refuse(
      {
        status,
        ...(reason ? { reason } : {}),
        headers: { ...headers, ...(contact ? { Contact: `<${contact}>` } : {}) },
      },
      'rejected',
    );
    return this.lastSip;
  }

  async startEarlyMedia(options: EarlyMediaOptions = {}): Promise<SipReport> {
    assertEarlyMedia(options);
    this.assertLive();
    if (this.media.session) return this.lastSip;
    this.#assertUnanswered('given early media');
    const offer = this.#inviteLeg.offer;
    if (offer === undefined) {
      if (!this.#inviteLeg.supportsPrack) throw new SipflowError('CALL_STATE', NO_EARLY_OFFER);
      return (this.#earlyOffer ??= this.#offerEarly(options.headers));
    }
    await this.#reserve();
    this.#assertUnanswered('given early media');
    const result = this.negotiation.answer(offer);
    if (!result.ok) return this.#cannotNegotiate(result);
    const { reliable, headers } = options;
    this.#inviteLeg.progress(
      { status: 183, reliable: reliable || this.#reliable, ...(headers ? { headers } : {}) },
      result.answer,
    );
    result.open();
    return this.note({ event: 'early-media', status: 183, reason: 'Session Progress' });
  }

  protected setupOver(): void {
    this.clock.clearTimeout(this.#noAnswerTimer);
  }

  #awaitAnswer(): void {
    const { timeout, status } = this.#noAnswer;
    if (timeout <= 0) return;
    this.#noAnswerTimer = this.clock.setTimeout(
      () => void this.#refuse({ status }, 'no-answer'),
      timeout * 1000,
    );
  }

  /** Whether the phone asks for PRACK wherever the caller can do it. */
  get #reliable(): boolean {
    return this.phone.reliableProvisional ?? false;
  }

  /** Our offer goes out in a reliable 183; its PRACK brings the answer (RFC 3262, 5). */
  async #offerEarly(headers: ExtraHeaders | undefined): Promise<SipReport> {
    await this.#reserve();
    this.#assertUnanswered('given early media');
    const answer = await waitForOne<string>({
      clock: this.clock,
      begin: (settle, fail) => {
        const acknowledged = ({ body }: SipRequestInfo): void => settle(body?.content ?? '');
        const progress = { status: 183, reliable: true, acknowledged, ...(headers ? { headers } : {}) };
        this.#inviteLeg.progress(progress, this.negotiation.offer());
        return [this.on('ended', () => fail(new SipflowError('CALL_ENDED', GONE)))];
      },
    });
    await this.negotiation.lookUp(answer);
    const result = this.negotiation.complete(answer);
    if (!result.ok) return this.#cannotNegotiate(result);
    return this.note({ event: 'early-media', status: 183, reason: 'Session Progress' });
  }

  /** An offer in a PRACK: media follows it once our answer has left. */
  #answerFurtherOffer(offer: string): MessageBody | undefined {
    if (!this.media.session) return undefined;
    const result = this.negotiation.answer(offer);
    if (!result.ok) return undefined;
    queueMicrotask(() => {
      if (!isOver(this.state)) result.open();
    });
    return { contentType: 'application/sdp', content: result.answer };
  }

  #answerOffer(offer: string, headers: ExtraHeaders | undefined): Promise<SipReport> {
    const early = this.media.session ? this.negotiation.localDescription : undefined;
    if (early !== undefined) return this.#confirmAnswer(early, headers);
    const result = this.negotiation.answer(offer);
    if (!result.ok) return this.#cannotNegotiate(result);
    return this.#confirmAnswer(result.answer, headers, result.open);
  }

  /** The 200 leaves, media opens, the call counts as answered; the ACK or its time-out releases the caller. */
  async #confirmAnswer(
    sdp: string | undefined,
    headers: ExtraHeaders | undefined,
    open?: () => unknown,
  ): Promise<SipReport> {
    const { dialog, acknowledged } = this.#inviteLeg.accept(sdp, headers);
    open?.();
    const sip = this.withDigitAdvice({ event: 'answered', status: 200, reason: 'OK' });
    this.confirm(sip, dialog);
    await this.#acknowledged(acknowledged);
    return sip;
  }

  /** Our offer goes out in the 200; the ACK brings the answer (RFC 3261, 13.3.1.4). */
  async #answerLateOffer(headers: ExtraHeaders | undefined): Promise<SipReport> {
    const { dialog, acknowledged } = this.#inviteLeg.accept(this.negotiation.offer(), headers);
    const sip: SipReport = { event: 'answered', status: 200, reason: 'OK' };
    this.confirm(sip, dialog);
    const { body } = await this.#acknowledged(acknowledged);
    await this.negotiation.lookUp(body?.content);
    const result = this.negotiation.complete(body?.content ?? '');
    if (result.ok) return this.note(this.withDigitAdvice(sip));
    const fault = negotiationFault(result);
    await this.fail(fault);
    throw new SipflowError(fault.code, fault.message);
  }

  async #acknowledged(acknowledged: Promise<AckResult>): Promise<AckResult> {
    const result = await acknowledged;
    if (result.acknowledged) return result;
    if (!result.overdue) this.assertLive();
    throw new SipflowError(
      'TIMEOUT',
      'The caller never acknowledged the answer (no ACK), so the call was ended.',
    );
  }

  async #cannotNegotiate(failure: NegotiationFailure): Promise<never> {
    await this.#refuse(refusal(failure), 'failed', failure.diagnosis);
    const { code, message } = negotiationFault(failure);
    throw new SipflowError(code, message);
  }

  /** Binds the RTP ports; a caller is not left ringing when there are none. */
  async #reserve(): Promise<void> {
    try {
      await this.negotiation.reserve();
      const looking = this.negotiation.lookUp(this.#inviteLeg.offer);
      if (looking) await looking;
    } catch (error) {
      if (!isOver(this.state)) await this.#refuse({ status: 500 }, 'failed');
      throw error;
    }
    this.assertLive();
  }

  #refuse(
    response: { status: number; reason?: string; headers?: ExtraHeaders },
    event: string,
    diagnosis?: string,
  ): Promise<void> {
    this.#inviteLeg.reject(response);
    const { status, reason } = response;
    const facts = { status, ...(reason === undefined ? {} : { reason }) };
    const sip: SipReport = { event, ...facts, ...(diagnosis === undefined ? {} : { diagnosis }) };
    return this.end({ by: 'local', ...facts }, sip, { notifyPeer: false });
  }

  #assertUnanswered(verb: string): void {
    this.assertLive();
    if (isUnanswered(this.state)) return;
    throw new SipflowError(
      'CALL_STATE',
      `The call is ${this.state}; only an unanswered incoming call can be ${verb}.`,
    );
  }
}
