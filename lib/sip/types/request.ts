import type { FinalOptions } from './invite';
import type { ExtraHeaders, MessageBody, SipRequestInfo, SipResponseInfo } from './message';

/** A request outside of dialogs that we send. */
export interface OutgoingRequestOptions {
  method: string;
  /** Request-URI and To: a `sip:` or `sips:` URI. */
  target: string;
  /** Next hop, when it is not the target's host and port. */
  destination?: { address: string; port: number };
  headers?: ExtraHeaders;
  body?: MessageBody;
}

export interface SubscribeOptions extends Omit<OutgoingRequestOptions, 'method'> {
  /** Value of Event: package and, where one is wanted, `;id=`. */
  event: string;
  /** Seconds that are asked for: 0 to 604800; 3600 when absent. 0 fetches the state once. */
  expires?: number;
}

/** A NOTIFY of a subscription of ours; its 200 is sent. */
export interface Notification {
  readonly request: SipRequestInfo;
  /** `active`, `pending`, `terminated`, or another word of an extension. */
  readonly state: string;
  readonly reason?: string;
  /** Seconds after which another subscription may be tried. */
  readonly retryAfter?: number;
  /** Seconds that the subscription lasts from now on. */
  readonly expires?: number;
}

/** How a subscription ended. */
export interface SubscriptionEnd {
  /**
   * `refused`: the first SUBSCRIBE failed. `silent`: it was accepted, but no NOTIFY came within 64·T1. `terminated`:
   * the notifier ended it. `expired`: a refresh failed. `fetched`: the state that was asked for once is here.
   * `stopped`: we ended it.
   */
  readonly kind: 'refused' | 'silent' | 'terminated' | 'expired' | 'fetched' | 'stopped';
  /** The last response to SUBSCRIBE, where it says why. */
  readonly response?: SipResponseInfo;
  /** Of Subscription-State. */
  readonly reason?: string;
  readonly retryAfter?: number;
}

export interface SubscriptionEvents {
  /** The 2xx to the first SUBSCRIBE, and the seconds that it grants. A NOTIFY may come before it. */
  accepted: [response: SipResponseInfo, expires: number];
  notify: [notification: Notification];
  /** The last event. */
  ended: [end: SubscriptionEnd];
}

/** A subscription of ours (RFC 6665). It refreshes itself until it is stopped or ends otherwise. */
export interface Subscription {
  on<K extends keyof SubscriptionEvents>(
    event: K,
    listener: (...args: SubscriptionEvents[K]) => void,
  ): () => void;
  readonly callId: string;
  /** Takes it back; resolves when that is answered, or was not within 64·T1. Never rejects. Idempotent. */
  stop(): Promise<void>;
}

/**
 * A request outside of dialogs that came in. It gets its default answer as soon as the listeners are through, unless
 * one defers it.
 */
export interface IncomingRequest {
  readonly request: SipRequestInfo;
  /** Whether its sender is a server of ours or a simulated phone, or has proved to know the password. */
  readonly trusted: boolean;
  /** Puts the default answer off for 2·T1 (1 s); false when 64 requests wait already. */
  defer(): boolean;
  /** Sends the answer; false when one was sent before. BAD_CONFIG for a header that SIPFLOW itself sets. */
  respond(options: FinalOptions): boolean;
}
