import type { Listeners } from '../../common';
import type { CallerIdentity } from './caller';
import type { AckResult, SipDialog } from './dialog';
import type { ExtraHeaders, MessageBody, SeenAddress, SipRequestInfo, SipResponseInfo } from './message';

export interface OutgoingInviteOptions {
  /** Request-URI and To: a `sip:` or `sips:` URI. */
  target: string;
  /** Next hop, when it is not the target's host and port. */
  destination?: { address: string; port: number };
  headers?: ExtraHeaders;
  /** Absent for a late offer. */
  body?: MessageBody;
  /** Call-ID to use; a fresh one when absent. */
  callId?: string;
  /** Gives the ACK its body when the 2xx carried the offer (late offer). */
  answerLateOffer?(response: SipResponseInfo): MessageBody | undefined;
  /**
   * Looks up the host names in an offer of the other side, before `answerLateOffer` is asked; undefined when nothing
   * is to be waited for. Never rejects.
   */
  lookUp?(response: SipResponseInfo): Promise<void> | undefined;
  /**
   * The URI that a flow has dialled, when a peer has named this target instead (3xx); null when no flow has dialled
   * anything (REFER). The target when absent. A phone without registrar, outbound proxy and domain gives its
   * credentials to that host only.
   */
  dialled?: string | null;
  /** The phone itself when absent. */
  caller?: CallerIdentity;
  /** Hops that are left to it; 70 when absent. */
  maxForwards?: number;
}

export interface OutgoingInviteEvents {
  /**
   * A fork has made an early dialog (RFC 3261, 12.1), before its first `progress`; `modify` brings its offers by
   * UPDATE.
   */
  early: [dialog: SipDialog];
  /** Every 18x, retransmissions removed. */
  progress: [response: SipResponseInfo];
  /** The 2xx; the ACK is on its way. */
  answered: [response: SipResponseInfo, dialog: SipDialog];
  /** Final non-2xx, or a local end: status 408 for a time-out, 503 for a transport fault, 487 after our CANCEL. */
  failed: [response: SipResponseInfo, origin: 'remote' | 'timeout' | 'transport'];
}

export interface OutgoingInvite {
  on<K extends keyof OutgoingInviteEvents>(
    event: K,
    listener: (...args: OutgoingInviteEvents[K]) => void,
  ): () => void;
  /** Adds an object whose methods are listeners; the function that is returned takes it away. */
  onEach(listeners: Listeners<OutgoingInviteEvents>): () => void;
  readonly callId: string;
  /** URI of From: the anonymous one for a caller who is withheld. */
  readonly from: string;
  readonly to: string;
  /** From tag: with the Call-ID it tells which dialogs come of this INVITE. */
  readonly localTag: string;
  /** Whether it went to a server of ours, a simulated phone, or, where no server is set, the host that was dialled. */
  readonly trusted: boolean;
  /**
   * Gives up: CANCEL now or as soon as a provisional response allows it; a 2xx that crosses it is
   * acknowledged and ended with BYE. `failed` follows, at the latest after 32 s (64·T1).
   */
  cancel(headers?: ExtraHeaders): void;
}

export interface ProvisionalOptions {
  status: number;
  reason?: string;
  headers?: ExtraHeaders;
  body?: MessageBody;
  /** Ask for PRACK (RFC 3262) when the peer supports it; always done when the peer requires it. */
  reliable?: boolean;
  /** Called with the PRACK, when it was asked for; its body is the answer when the response carried an offer. */
  acknowledged?(prack: SipRequestInfo): void;
}

export interface FinalOptions {
  status: number;
  reason?: string;
  headers?: ExtraHeaders;
  body?: MessageBody;
}

export interface IncomingInviteEvents {
  /** Our first provisional response has made the dialog; `modify` brings offers by UPDATE (RFC 3311). */
  early: [dialog: SipDialog];
  /**
   * CANCEL, a transport fault, or our own expiry ended it before the answer; 487 was sent. Or a reliable provisional
   * response was never acknowledged; 504 was sent.
   */
  cancelled: [];
  /** The PRACK to a reliable provisional response; its body is the answer when that response carried an offer. */
  prack: [request: SipRequestInfo];
}

export interface IncomingInvite {
  on<K extends keyof IncomingInviteEvents>(
    event: K,
    listener: (...args: IncomingInviteEvents[K]) => void,
  ): () => void;
  /** Adds an object whose methods are listeners; the function that is returned takes it away. */
  onEach(listeners: Listeners<IncomingInviteEvents>): () => void;
  readonly request: SipRequestInfo;
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  /** User part of the Request-URI: the number that was called. */
  readonly calledUser: string;
  /** Our address as the caller sees it, for SDP. */
  readonly seenAs: SeenAddress;
  /** Whether it has its final response, or was cancelled. */
  readonly settled: boolean;
  /** Whether it comes from a server of ours or a simulated phone, or its caller has proved to know the password. */
  readonly trusted: boolean;
  /** Whether the caller acknowledges provisional responses that ask for it (100rel, RFC 3262). */
  readonly supportsPrack: boolean;
  /** The dialog that this INVITE wants to take over (RFC 3891); `early` when it is one of ours that rings. */
  readonly replaces?: { readonly dialog: SipDialog; readonly early: boolean } | undefined;
  progress(options: ProvisionalOptions): void;
  /**
   * Answers a further offer that a PRACK carries (RFC 3262, 5), for the 2xx to it; undefined refuses it with 488. Set
   * by the owner of the media; without it every such offer is refused.
   */
  answerOffer?: (request: SipRequestInfo) => MessageBody | undefined;
  /** Looks up the host names in such an offer before; undefined when nothing is to be waited for. Never rejects. */
  lookUp?: (request: SipRequestInfo) => Promise<void> | undefined;
  /**
   * Sends the 2xx and resolves when its ACK arrived (with the ACK's body, for late offers), or with
   * `acknowledged: false` when the ACK is overdue after 64·T1; the dialog can be used as soon as the
   * function returns its `dialog`.
   */
  accept(options: Partial<FinalOptions>): { dialog: SipDialog; acknowledged: Promise<AckResult> };
  reject(options: FinalOptions): void;
}
