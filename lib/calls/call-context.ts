import type { MediaEngine } from '../media';
import type {
  ExtraHeaders,
  MessageBody,
  OutgoingInvite,
  OutgoingInviteOptions,
  SeenAddress,
  SipClock,
} from '../sip';
import type { TracedMessage } from '../trace';
import type { BaseCall } from './call';
import type { CallRoute } from './target/route';
import type { NegotiationOptions } from './peer/negotiation';
import type { Call, CallEvents, CallInfo, PhoneOptions } from './types';

/** What a call gets from its phone. */
export interface CallContext {
  readonly clock: SipClock;
  readonly engine: MediaEngine;
  readonly phone: PhoneOptions;
  /** What the phone's settings mean for offers and answers. */
  readonly negotiation: NegotiationOptions;
  /** The phone's URI. */
  readonly ownUri: string;
  /** What a target field means. BAD_TARGET, BAD_CONFIG. */
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
    /** Whom the flow has dialled, as in `OutgoingInviteOptions`. */
    dialled?: OutgoingInviteOptions['dialled'];
    /** As in `OutgoingInviteOptions`. */
    caller?: OutgoingInviteOptions['caller'];
  }): OutgoingInvite | undefined;
  /**
   * Our address as that target will see it, for the offer of such an INVITE.
   *
   * @throws SipflowError (as a rejection) BAD_TARGET, INSTANCE_NOT_READY
   */
  addressToward(target: string): Promise<SeenAddress>;
  /** The call behind its public face. CALL_UNKNOWN, CALL_ENDED. */
  own(call: Call): BaseCall;
  /** Whether requests for that URI go to a server of ours. */
  isOwn(uri: string): boolean;
  /** The messages of these Call-IDs that are remembered, in order of time. */
  trace(callIds: readonly string[]): TracedMessage[];
  /** What a call that failed with this status should know of the registration; undefined when that is not to blame. */
  registrationAdvice(status: number): string | undefined;
  /** The call is over and its resources are back; the registry and the counters forget it. */
  onEnded(call: BaseCall, info: CallInfo): void;
  /** Every event of the call, before the listeners of the call get it. */
  onEvent(call: BaseCall, ...event: CallEvent): void;
}

/** The name of an event of a call, and what comes with it. */
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
