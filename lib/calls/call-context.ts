import type { MediaEngine, RtcpPacket, Speech } from '../media';
import type {
  ExtraHeaders,
  MessageBody,
  OutgoingInvite,
  OutgoingInviteOptions,
  SeenAddress,
  SipClock,
} from '../sip';
import type { MessageRecord, TracedMessage } from '../trace';
import type { BaseCall } from './call';
import type { CallRoute } from './target/route';
import type { NegotiationOptions } from './peer/negotiation';
import type { Call, CallEvents, CallInfo, PhoneOptions } from './types';

/** Services and settings that a phone gives to its calls. */
export interface CallContext {
  readonly clock: SipClock;
  readonly engine: MediaEngine;
  readonly speech: Speech;
  readonly phone: PhoneOptions;
  /** Options of offers and answers, from the phone's settings. */
  readonly negotiation: NegotiationOptions;
  /** The phone's URI. */
  readonly ownUri: string;
  /** Route of an INVITE to a target field. BAD_TARGET, BAD_CONFIG. */
  route(target: string): CallRoute;
  /**
   * Sends an INVITE for a call that exists already.
   *
   * @returns undefined when the target is the number of no simulated phone
   * @throws SipflowError BAD_TARGET, INSTANCE_NOT_READY
   */
  invite(options: {
    target: string;
    headers: ExtraHeaders;
    /** Absent when the other side makes the offer, which `answerLateOffer` answers. */
    body?: MessageBody;
    answerLateOffer?: OutgoingInviteOptions['answerLateOffer'];
    /** A fresh one when absent. */
    callId?: string;
    /** Target that the flow has dialled, as in `OutgoingInviteOptions`. */
    dialled?: OutgoingInviteOptions['dialled'];
    /** As in `OutgoingInviteOptions`. */
    caller?: OutgoingInviteOptions['caller'];
    /** As in `OutgoingInviteOptions`. */
    maxForwards?: OutgoingInviteOptions['maxForwards'];
  }): OutgoingInvite | undefined;
  /**
   * Our address as that target will see it, for the offer of such an INVITE.
   *
   * @throws SipflowError (as a rejection) BAD_TARGET, INSTANCE_NOT_READY
   */
  addressToward(target: string): Promise<SeenAddress>;
  /** The call object behind its public interface. CALL_UNKNOWN, CALL_ENDED. */
  own(call: Call): BaseCall;
  /** Whether requests for that URI go to a server of ours. */
  isOwn(uri: string): boolean;
  /** The messages of these Call-IDs that are remembered, in order of time. */
  trace(callIds: readonly string[]): TracedMessage[];
  /** The same messages for a capture, and how many of these calls are forgotten. */
  captureTrace(callIds: readonly string[]): { messages: MessageRecord[]; leftOut: number };
  /** Advice on the registration for a call that failed with this status; undefined when that is not the cause. */
  registrationAdvice(status: number): string | undefined;
  /** The call is over and its resources are back; the registry and the counters forget it. */
  onEnded(call: BaseCall, info: CallInfo): void;
  /** RTCP of a call, when somebody wants to see it. */
  onRtcp(callId: string, packet: RtcpPacket): void;
  /** Whether anybody listens to the events of all calls; most phones have nobody who does. */
  hearsEvents(): boolean;
  /** An event of the call, before the listeners of the call get it. */
  onEvent(call: BaseCall, ...event: CallEvent): void;
}

/** Name and data of a call event. */
export type CallEvent = { [K in keyof CallEvents]: [event: K, ...args: CallEvents[K]] }[keyof CallEvents];

/** Identity of a call before its leg exists. */
export interface CallIdentity {
  direction: 'in' | 'out';
  callId: string;
  from: string;
  to: string;
  /** Of an incoming call: user part of the Request-URI. */
  called?: string;
}
