import type { Failure } from '../../common';
import type { ExtraHeaders, Headers } from '../../sip';
import type { Call } from './call';

/** `msg.sip`: the last thing signalling said about the call. */
export interface SipReport {
  event: string;
  status?: number;
  reason?: string;
  headers?: Headers;
  /** A sentence for people, where one helps ("no common codec: …"). */
  diagnosis?: string;
  /** URI that the peer wants us to call, in a `transfer-request`. */
  target?: string;
  /** URIs of a 3xx, best first. */
  contacts?: string[];
}

/** How an outgoing call's set-up ended. */
export type DialOutcome =
  { kind: 'answered'; sip: SipReport } | { kind: 'failed'; sip: SipReport; failure: Failure };

/** How a hold or resume ended. */
export type HoldOutcome =
  { kind: 'done'; sip: SipReport } | { kind: 'failed'; sip: SipReport; failure: Failure };

export type TransferOptions = (
  | { kind: 'blind'; target: string }
  /** The peer of `consultCall` takes over; that call ends. */
  | { kind: 'attended'; consultCall: Call }
) & {
  /** Header fields of the REFER. */
  headers?: ExtraHeaders;
};

/** How a transfer ended, asked for by us or by the peer. */
export type TransferOutcome =
  { kind: 'transferred'; sip: SipReport } | { kind: 'failed'; sip: SipReport; failure: Failure };

/** `msg.bridge` */
export interface BridgeReport {
  reason: 'stopped' | 'hangup';
  /** Which of the two calls ended. */
  endedBy?: 'call' | 'peer';
  durationMs: number;
}

/** Two calls that hear each other. */
export interface RunningBridge {
  readonly finished: Promise<BridgeReport>;
  stop(): void;
}

/** A room of up to 16 calls, in which every call hears all others. */
export interface Conference {
  /** Who is in it now. */
  readonly calls: readonly Call[];
  /**
   * Adds a call as soon as it has media; it leaves by itself when it ends. CALL_STATE when it is in a bridge or conference
   * already or the room is full, MEDIA_NOT_READY, CALL_ENDED, CALL_UNKNOWN for a call of another world.
   */
  join(call: Call): Promise<void>;
  /** Takes a call out, which goes on; does nothing when it is not there. */
  leave(call: Call): void;
  /** Takes all calls out. */
  close(): void;
}

/** A MESSAGE (RFC 3428). */
export interface TextMessage {
  from: string;
  to: string;
  contentType: string | null;
  text: string;
  headers: Headers;
}
