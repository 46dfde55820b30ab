import type { Failure } from '../../common';
import type { SdpReport } from '../../sdp';
import type { ExtraHeaders, Headers } from '../../sip';
import type { Call } from './call';
import type { PlaybackReport, PlayOptions, Running } from './media';

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
  /** Which attempt follows after the pause, in a `retry`: 2 for the first. */
  attempt?: number;
  /** URIs of a 3xx, best first. */
  contacts?: string[];
  /** Who calls, of an INVITE that came in. */
  caller?: CallerReport;
  /** The number that it calls: user part of the Request-URI. */
  called?: string;
  /** Who has sent the call on to us, the last one first; at most ten. */
  diversion?: Diversion[];
  /** SDP of both sides at that moment, where a flow is told of it; `Call.sdp` has it at any time. */
  sdp?: CallSdp;
}

/** Who calls whom and by which way round, as the INVITE of an incoming call says. */
export type CallOrigin = Required<Pick<SipReport, 'caller' | 'called' | 'diversion'>>;

/** The latest SDP of both sides, as far as there is any. */
export interface CallSdp {
  local: SdpReport | null;
  remote: SdpReport | null;
}

/** Who calls, as an INVITE says. Texts end after 256 characters, names after 128. */
export interface CallerReport {
  /** User part of From, or the number of a `tel:` URI; '' when there is none. */
  number: string;
  /** Display name of From; '' when there is none. */
  name: string;
  /** P-Asserted-Identity (RFC 3325); null without one. To be trusted only with `verified`. */
  asserted: AssertedIdentity | null;
  /** Values of Privacy (RFC 3323), lower case. */
  privacy: string[];
  /** Whether the sender of the INVITE is a server of ours, a simulated phone or an authenticated caller. */
  verified: boolean;
}

/** An identity that a network vouches for. */
export interface AssertedIdentity {
  number: string;
  name: string;
  /** `sip:`, `sips:` and `tel:` URIs of the same caller. */
  uris: string[];
}

/** One forwarding of a call (RFC 5806, RFC 7044). */
export interface Diversion {
  /** Who has sent it on. */
  number: string;
  name: string;
  uri: string;
  /** `user-busy`, `no-answer`, `unconditional`, `deflection`, …; `unknown` when nothing is said. */
  reason: string;
  /** How many forwardings the entry stands for; null when nothing is said. */
  counter: number | null;
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

/** How a call's time in a conference ended. */
export interface ConferenceReport {
  /** `left`: it was taken out and goes on; `hangup`: the call ended. */
  reason: 'left' | 'hangup';
  durationMs: number;
}

/** One call in a conference. */
export interface ConferenceStay {
  /** Resolves when the call is out; never rejects. */
  readonly finished: Promise<ConferenceReport>;
  /** Takes the call out, which goes on. */
  stop(): void;
}

/** A room of up to 16 calls, in which every call hears all others. */
export interface Conference {
  /** Who is in it now. */
  readonly calls: readonly Call[];
  /**
   * Adds a call as soon as it has media; it leaves by itself when it ends. CONFERENCE_FULL; CALL_STATE when it is in a
   * bridge or conference already or the room is closed; MEDIA_NOT_READY, CALL_ENDED, CALL_UNKNOWN for a call of another
   * world.
   */
  join(call: Call): Promise<ConferenceStay>;
  /** Takes a call out, which goes on; does nothing when it is not there. */
  leave(call: Call): void;
  /**
   * Announcement: plays to all who are in it now, above what they hear of each other. Reports the playback that lasted
   * longest. A call that plays something already is left out; CALL_ENDED when nobody is there, else as `Call.play`.
   */
  play(options: PlayOptions): Promise<Running<PlaybackReport>>;
  /** Takes all calls out, for good. */
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
