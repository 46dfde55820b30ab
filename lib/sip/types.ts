/**
 * What `lib/calls` sees of SIP: plain data and small verbs. No type of the SIP core underneath
 * appears here, so that the core can be replaced without touching a call.
 */

import type { ErrorCode } from '../common';
import type { RegistrationReport } from './registration/types';

export type { RegistrationReport, RegistrationRoutes, RegistrationState } from './registration/types';

export type TransportName = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** Header fields by canonical name, in order of appearance. */
export type Headers = Record<string, string[]>;

/** Header fields that a flow adds to a message; a list repeats the field. */
export type ExtraHeaders = Record<string, string | string[]>;

export interface MessageBody {
  contentType: string;
  content: string;
}

export interface SipResponseInfo {
  status: number;
  reason: string;
  headers: Headers;
  body?: MessageBody;
  /** The To tag: which fork of the call this response belongs to. */
  toTag?: string;
  /** Why nothing more was tried, as a sentence for people (a challenge that could not be met). */
  diagnosis?: string;
  /** Why our transport could not send the request, when that is what the response stands for. */
  fault?: ErrorCode;
}

export interface SipRequestInfo {
  method: string;
  requestUri: string;
  headers: Headers;
  body?: MessageBody;
}

/** Our address as one peer sees it. */
export interface SeenAddress {
  /** For SDP, without brackets. */
  readonly address: string;
  /** Whether a NAT may lie between us and that peer, so that it sees other ports than ours too. */
  readonly outside: boolean;
}

/** PEM texts. */
export interface TlsOptions {
  key?: string;
  cert?: string;
  /** Of `key`. */
  passphrase?: string;
  /** Name that a peer's certificate must prove, instead of the host in the URI. */
  serverName?: string;
  /** Whom to trust instead of the usual authorities. */
  ca?: string;
  /** Whether a peer's certificate must be good; true when absent. */
  rejectUnauthorized?: boolean;
  /** Whether our listener lets in only who proves a certificate that is trusted; false when absent. */
  requireClientCertificate?: boolean;
}

export interface EndpointOptions {
  transport: TransportName;
  /** Address to bind; IPv4 or IPv6. */
  bindAddress: string;
  /** 0 = any free port. */
  port: number;
  /**
   * Whether an endpoint on UDP listens on TCP at the same port too (RFC 3261, 18.2.1); false when absent. A TCP port that is
   * taken is a warning.
   */
  listenTcp?: boolean;
  /** Address written into Via and Contact when it differs from the bound one. */
  advertisedAddress?: string;
  /** STUN server, `host` or `host:port`, that tells a UDP endpoint its public address. */
  stunServer?: string;
  /** Seconds of the session timer that we ask for (RFC 4028); 0 or absent: only a peer's wish is followed. */
  sessionTimer?: number;
  /** User part of our own URIs. */
  user: string;
  displayName?: string;
  /** Host part of our address-of-record; the bound address when absent. */
  domain?: string;
  /** Value of User-Agent and Server. */
  userAgent: string;
  /** Added to every request and every response that does not have them already. */
  headers?: ExtraHeaders;
  /** Where every request goes, whatever its URI says. */
  outboundProxy?: string;
  credentials?: { user: string; password: string };
  /**
   * Who may send requests outside of dialogs: `any`, `registrar` (registrar, outbound proxy and domain), addresses,
   * networks (`10.0.0.0/8`, `2001:db8::/32`) and host names; everybody else gets 403. Anybody when absent or empty.
   */
  acceptFrom?: readonly string[];
  /**
   * What callers must prove to know: their INVITE, MESSAGE and requests in the dialogs that they have begun are
   * challenged. Absent: everybody may call.
   */
  callers?: { user: string; password: string; realm?: string };
  /**
   * Origins whose web pages may connect to a listener of `ws` or `wss`, such as `https://phone.example.com`; `*` for any. Empty or
   * absent: a handshake with an `Origin` gets 403. One without is no browser's, and may pass.
   */
  allowedOrigins?: readonly string[];
  /** For the transports `tls` and `wss`. */
  tls?: TlsOptions;
  /** Where to register: host, `host:port` or a SIP URI. Absent: we do not register. */
  registrar?: string;
  /** Seconds that a registration is asked for; 600 when absent. */
  registerExpires?: number;
}

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
   * Looks up the host names in an offer of the other side, before `answerLateOffer` is asked; undefined when nothing is to be
   * waited for. Never rejects.
   */
  lookUp?(response: SipResponseInfo): Promise<void> | undefined;
  /**
   * The URI that a flow has dialled, when a peer has named this target instead (3xx); null when no flow has dialled
   * anything (REFER). The target when absent. A phone without registrar, outbound proxy and domain gives its credentials
   * to that host only.
   */
  dialled?: string | null;
}

export interface OutgoingInviteEvents {
  /** A fork has made an early dialog (RFC 3261, 12.1), before its first `progress`; `modify` brings its offers by UPDATE. */
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
  readonly callId: string;
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
   * Answers a further offer that a PRACK carries (RFC 3262, 5), for the 2xx to it; undefined refuses it with 488. Set by
   * whoever negotiates; without it every such offer is refused.
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

export interface AckResult {
  acknowledged: boolean;
  /** Whether the call was ended because nothing came in time; otherwise it has ended for another reason before. */
  overdue?: boolean;
  body?: MessageBody;
}

/**
 * A request inside a dialog that wants our answer. A listener may answer later: a modification within 16·T1 (8 s),
 * any other request within 2·T1 (1 s); then it gets its default answer.
 */
export interface IncomingDialogRequest {
  readonly request: SipRequestInfo;
  /** Whether its sender is a server of ours or a simulated phone, or a caller who has proved to know the password. */
  readonly trusted: boolean;
  /** Sends the answer; every further call does nothing. */
  respond(options: FinalOptions): void;
  /** For a re-INVITE answered with 2xx: resolves with its ACK. For anything else: when the answer is sent. */
  readonly acknowledged: Promise<AckResult>;
}

export interface DialogEvents {
  /** The peer's BYE; 200 is already sent. */
  bye: [request: SipRequestInfo];
  /** re-INVITE or UPDATE with or without an offer. Unanswered by a listener, it gets 488. */
  modify: [request: IncomingDialogRequest];
  /** INFO, MESSAGE, REFER, NOTIFY, OPTIONS in the dialog. Unanswered by a listener, it gets its default answer. */
  request: [request: IncomingDialogRequest];
  /** The dialog broke: 408/481 to our request, ACK never came, transport gone. A BYE was attempted where it makes sense. */
  broken: [reason: string];
}

export interface DialogRequestOptions {
  headers?: ExtraHeaders;
  body?: MessageBody;
  /** For a re-INVITE without a body: gives the ACK its body when the 2xx carried the offer. */
  answerLateOffer?(response: SipResponseInfo): MessageBody | undefined;
  /** Called with the CSeq of each attempt, which differs when the request was challenged. Not for INVITE. */
  onSent?(cseq: number): void;
}

export interface SipDialog {
  on<K extends keyof DialogEvents>(event: K, listener: (...args: DialogEvents[K]) => void): () => void;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** The peer's Contact: where requests of this dialog go. */
  readonly remoteTarget: string;
  /** Sends BYE; resolves with its final response, or after 64·T1 at the latest. Never rejects. Idempotent. */
  bye(headers?: ExtraHeaders): Promise<void>;
  /**
   * Sends a request in the dialog and resolves with the final response. A re-INVITE waits until
   * another one in the dialog is through. Made up locally: 408 and 503; 481 when the dialog has ended. Rejects with BAD_CONFIG for a header
   * that SIPFLOW itself sets.
   */
  request(method: string, options?: DialogRequestOptions): Promise<SipResponseInfo>;
}

export interface EndpointEvents {
  /** Something does not work as configured, but calls go on. */
  warning: [problem: Error, about: 'public address' | 'connections'];
  invite: [invite: IncomingInvite];
  /** The socket failed after it had been bound. */
  transportFailed: [error: Error];
  /** A MESSAGE outside of dialogs (RFC 3428); 200 is already sent. */
  message: [request: SipRequestInfo];
  /** The registration changed; the first one comes while `start` runs. */
  registration: [report: RegistrationReport];
}

export interface SipEndpoint {
  on<K extends keyof EndpointEvents>(event: K, listener: (...args: EndpointEvents[K]) => void): () => void;
  /** Bound address and port; valid after `start`. */
  readonly localAddress: { address: string; port: number };
  /** Our address-of-record, as From carries it; valid after `start`. */
  readonly uri: string;
  /** Binds; rejects with TRANSPORT (naming address, port and what to do) when the port is occupied. */
  start(): Promise<void>;
  invite(options: OutgoingInviteOptions): OutgoingInvite;
  /** Our address as the peer of such a call sees it, for SDP. Rejects with INSTANCE_NOT_READY or BAD_TARGET. */
  addressToward(options: OutgoingInviteOptions): Promise<SeenAddress>;
  /** Whether requests for that URI go to a server of ours: registrar, outbound proxy, domain. */
  isOwn(uri: string): boolean;
  /** State of the registration; undefined without a registrar. */
  readonly registration?: RegistrationReport | undefined;
  /** Ends what stands (BYE, CANCEL, 480, un-REGISTER together), then closes the sockets; at most `limitMs` (3000). Idempotent. */
  close(limitMs?: number): Promise<void>;
}
