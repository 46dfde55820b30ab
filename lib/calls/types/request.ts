import type { Failure } from '../../common';
import type { ExtraHeaders, Headers } from '../../sip';
import type { SipReport } from './signalling';

/** A SIP request that a flow or program sends by itself. */
export interface RequestOptions {
  /** Name of the method, in any case: `OPTIONS`, `MESSAGE`, `INFO` and others. */
  method: string;
  body?: string;
  /** Media type of the body; `text/plain` when absent. */
  contentType?: string;
  headers?: ExtraHeaders;
  /** Seconds to wait for the final response; without it 64·T1 (32 s). It cannot make that longer. */
  timeout?: number;
}

/** A request inside a call. */
export interface CallRequestOptions extends RequestOptions {
  /** For INVITE and UPDATE: codecs to offer from now on, in this order. */
  codecs?: string[];
}

/** A request outside of calls. */
export interface PhoneRequestOptions extends RequestOptions {
  target: string;
}

/** Report of a request that has ended. */
export interface RequestReport extends SipReport {
  /** Of the response; null when it has none. */
  body: string | null;
  contentType: string | null;
  /** From the request to its final response, in milliseconds. */
  durationMs: number;
}

/** How a request ended: with a 2xx, or otherwise. */
export type RequestOutcome =
  { kind: 'answered'; sip: RequestReport } | { kind: 'failed'; sip: RequestReport; failure: Failure };

/** A subscription to an event package (RFC 6665). */
export interface SubscribeRequest {
  target: string;
  /** Value of Event: `message-summary`, `presence`, `dialog` or another package. */
  event: string;
  /** Seconds to ask for: 0 to 604800; 3600 when absent. 0 fetches the state once. */
  expires?: number;
  body?: string;
  contentType?: string;
  headers?: ExtraHeaders;
  /** Seconds to wait for the answer, and then for the first notification; without it 32 s each. It cannot make them longer. */
  timeout?: number;
}

/** A notification of a subscription. `event` is `notify`. */
export interface NotifyReport extends SipReport {
  body: string | null;
  contentType: string | null;
  /** `active`, `pending`, `terminated`, or another word of an extension. */
  state: string;
  /** Why the subscription is terminated: `timeout`, `rejected`, `noresource` and others. */
  reason?: string;
  /** Seconds after which another subscription may be tried. */
  retryAfter?: number;
}

export interface PhoneSubscriptionEvents {
  /** The notifier has accepted, for so many seconds; the subscription refreshes itself in time. */
  accepted: [sip: RequestReport, expires: number];
  notify: [sip: NotifyReport];
}

/** A running subscription. */
export interface PhoneSubscription {
  on<K extends keyof PhoneSubscriptionEvents>(
    event: K,
    listener: (...args: PhoneSubscriptionEvents[K]) => void,
  ): () => void;
  /** SIP Call-ID. */
  readonly callId: string;
  /** Resolves once: `answered` after `stop` or when the state was fetched, `failed` after a refusal or another end. */
  readonly outcome: Promise<RequestOutcome>;
  /** Unsubscribes. Never rejects. Idempotent. */
  stop(): Promise<void>;
}

/** An OPTIONS, MESSAGE or NOTIFY that came in outside of calls. */
export interface ReceivedRequest {
  /** For `answerRequest`. */
  id: string;
  method: string;
  from: string;
  to: string;
  /** Request-URI. */
  target: string;
  contentType: string | null;
  body: string | null;
  headers: Headers;
  /** Whether its sender is known: a server of this phone, a simulated phone, or who has proved to know the password. */
  trusted: boolean;
}

/** The answer to such a request. */
export interface RequestAnswer {
  /** 200 to 699. */
  status: number;
  reason?: string;
  body?: string;
  contentType?: string;
  headers?: ExtraHeaders;
}
