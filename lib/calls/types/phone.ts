import type {
  AudioInfo,
  AudioSource,
  ConcealmentMode,
  JitterBufferSettings,
  MediaStatistics,
  RtcpPacket,
} from '../../media';
import type { ExtraHeaders, Privacy, RegistrationReport, TransportName } from '../../sip';
import type { MessageRecord } from '../../trace';
import type { Call, CallInfo, CallRef, IncomingCall, OutgoingCall } from './call';
import type { DialThrough, DialThroughOptions } from './dial-through';
import type { DigitEvent, DtmfMethod } from './digits';
import type {
  PhoneRequestOptions,
  PhoneSubscription,
  ReceivedRequest,
  RequestAnswer,
  RequestOutcome,
  SubscribeRequest,
} from './request';
import type { SipReport, TextMessage } from './signalling';

/** PEM texts and settings of a `tls-config` node. */
export interface PhoneTls {
  /** Whom to trust instead of the usual authorities. */
  ca?: string;
  /** Our certificate, which a listener needs. */
  cert?: string;
  key?: string;
  /** Of `key`. */
  passphrase?: string;
  /** Name that a peer’s certificate must prove, instead of the host in its URI. */
  servername?: string;
  /** Whether a peer’s certificate must be good; true when absent. */
  verify?: boolean;
  /** Whether our listener lets in only who proves a certificate that is trusted; false when absent. */
  requireClientCertificate?: boolean;
}

/** A phone's settings, already evaluated and validated by `validatePhone`. Seconds unless named otherwise. */
export interface PhoneOptions {
  id: string;
  name: string;
  /** User part of its address; simulated phones dial it. */
  number: string;
  displayName?: string;
  /** Header fields on every request and response of the phone, unless one has them already. */
  headers?: ExtraHeaders;
  mode: 'simulation' | 'network';
  transport: TransportName;
  bindAddress: string;
  port: number;
  /** Whether a network phone on UDP takes calls by TCP at the same port too; true when absent. */
  listenTcp?: boolean;
  advertisedAddress?: string;
  domain?: string;
  /** Where a network phone registers: host, `host:port` or a SIP URI. Absent: it does not register. */
  registrar?: string;
  /** Whether it registers when it starts; true when absent. `Phone.register` does so later. */
  register?: boolean;
  /** Seconds that a registration is asked for. */
  registerExpires?: number;
  /** Host (and port) of the next hop for every request of a network phone, regardless of its URI. */
  outboundProxy?: string;
  /**
   * Seconds without any answer after which a call, a registration or another request outside of calls goes to the next
   * server that DNS has named, if there is one; 4 when absent, 0: after 32 (timers B and F).
   */
  failOverAfter?: number;
  /** User for digest challenges; `number` when absent. */
  authUser?: string;
  /** Secret for digest challenges; without it a challenge is a failure with advice. */
  password?: string;
  /**
   * Whether callers must prove by digest that they know `authUser` (or `number`) and `password` of this phone; then
   * `password` must be set. Off when absent.
   */
  authenticateIncoming?: boolean;
  /**
   * Keys and certificates for `tls` and `wss`. A simulated phone without them makes a throw-away certificate that only
   * the simulated phones of this process trust.
   */
  tls?: PhoneTls;
  /** Origins whose web pages may connect to a listener of `ws` or `wss`, `*` for any; none when absent. */
  allowedOrigins?: readonly string[];
  /**
   * STUN server, `host` or `host:port` (3478), that tells our public address. Used when `advertisedAddress` is
   * absent; a server that does not answer is a warning, not a fault.
   */
  stunServer?: string;
  /** Whether 18x responses ask for PRACK when the caller can do it (RFC 3262). Off when absent. */
  reliableProvisional?: boolean;
  /**
   * Seconds after which an unrefreshed session ends (RFC 4028): 90 to 86,400. Absent or 0: we ask for no session timer,
   * and follow that of a peer that asks for one.
   */
  sessionTimer?: number;
  /** SDES keys: never, when the peer takes them, or always. Off when absent. */
  srtp?: 'off' | 'optional' | 'required';
  /**
   * SRTP suites that are offered, in this order, and accepted; names of RFC 4568, 6188 and 7714.
   * `DEFAULTS.srtpSuites` when absent.
   */
  srtpSuites?: string[];
  /** How received audio waits before it is heard; adaptive when absent. */
  jitterBuffer?: JitterBufferSettings;
  /** Seconds between two `statistics` events of a call (0.1 or more); absent or 0 = none. */
  statisticsInterval?: number;
  /** How lost audio is filled in: `pitch` (default), `repeat-fade`, or `none`. */
  concealment?: ConcealmentMode;
  /**
   * RTP and RTCP of calls that are kept for captures (`Call.capture`): nothing, headers with digits and reports, or
   * everything with the audio; the latest 4 MiB of a call, 64 MiB of all together. Off when absent.
   */
  capture?: 'off' | 'headers' | 'audio';
  /** Any spelling; kept in order of preference. */
  codecs: string[];
  pcmuFallback: boolean;
  /** Milliseconds. */
  ptime: number;
  dtmfMethod: DtmfMethod;
  rtpPortMin: number;
  rtpPortMax: number;
  maxCalls: number;
  /** Seconds from the answer after which a call is ended; 0 = no limit, 7200 when absent. At most 24 days. */
  maxCallDuration?: number;
  mediaTimeout: number;
  /**
   * Seconds without RTP after which a peer that had sent some is asked whether it is still there, and the call ends
   * when it is not; 0 = never, 30 when absent.
   */
  rtpTimeout?: number;
  /**
   * Policy for transfers that the other side asks for: that we call another target (REFER), or that another party takes
   * its place (Replaces). `trusted` follows the registrar, the outbound proxy, the domain, authenticated callers and
   * simulated phones, and treats others as `ask`, where the flow decides; `auto` follows all. `trusted` when absent.
   */
  transferPolicy?: 'trusted' | 'auto' | 'ask' | 'reject';
  /**
   * Who may call a network phone: `any`, `registrar` (registrar, outbound proxy and domain), addresses, networks
   * (`10.0.0.0/8`, `2001:db8::/32`) and host names. Anybody when absent or empty.
   */
  acceptFrom?: readonly string[];
  /** Absolute folder that relative audio paths start from. */
  audioDir: string;
  /** Absolute folder that recordings never leave. */
  recordingsDir: string;
}

export interface DialOptions {
  target: string;
  /** Who calls: a number, `sip:user@host` or `tel:+82…`; the phone when absent or blank. */
  from?: string;
  /** Display name; that of the phone when absent or blank. */
  fromName?: string;
  /**
   * `none` says that the caller may be shown. `id`, `header` and `full` withhold the caller: From is anonymous, and
   * only servers of ours are told who calls, by P-Asserted-Identity. Nothing is said when absent or blank.
   */
  privacy?: Privacy | '';
  headers?: ExtraHeaders;
  /** Overrides the phone's list. */
  codecs?: string[];
  /** Seconds until the call is given up (status 408, failure TIMEOUT is not raised: it is an outcome). */
  ringTimeout?: number;
  /** Overrides that of the phone. */
  maxCallDuration?: number;
  /** How often a call that failed is dialled again, 0 to 100; 0 when absent. Each retry is told by `progress`. */
  retries?: number;
  /** Seconds between a failure and the next try, 0 to 3600; 5 when absent. */
  retryPause?: number;
  /** Statuses and classes of failures that are retried; `408 480 5xx` when absent or blank. */
  retryOn?: string;
  /** Whether to call the contacts of a 3xx, best first, five at most; otherwise a 3xx is a failure that names them. */
  followRedirects?: boolean;
  /** Whether the INVITE carries no offer, so that the other side has to make it (late offer). */
  lateOffer?: boolean;
}

/** Filter of the calls that a listener gets, and their treatment until it answers. */
export interface IncomingOptions {
  /** Exact number, prefix `12*`, `/regex/`; blank or absent = any. */
  match?: string;
  /** Whether 180 is sent at once; true when absent. */
  ring?: boolean;
  /** Seconds until an unanswered call is refused with `noAnswerStatus`; 30 when absent. */
  noAnswerTimeout?: number;
  /** 480 when absent. */
  noAnswerStatus?: number;
}

/** Listener for incoming calls. An error or rejection of it becomes a warning of the phone; the call rings on. */
export type IncomingListener = (call: IncomingCall, sip: SipReport) => unknown;

export type PhoneState = 'stopped' | 'starting' | 'ready' | 'failed' | 'closed';

/** Report of one call event, as `sip-call-events` sends it. */
export interface CallEventReport {
  event: string;
  /** Absent for a request outside of calls. */
  call?: CallRef;
  sip?: SipReport;
  digit?: DigitEvent;
  statistics?: MediaStatistics;
  info?: CallInfo;
  message?: TextMessage;
  /** The OPTIONS, MESSAGE or NOTIFY outside of calls. */
  request?: ReceivedRequest;
}

/** A SIP message of a call or of a request outside of calls, on its way. */
export interface WireMessage extends MessageRecord {
  callId: string;
}

/** An RTCP packet of a call. */
export interface CallRtcp extends RtcpPacket {
  callId: string;
}

export interface PhoneEvents {
  state: [state: PhoneState, error?: Error];
  /** Something does not work as configured, but calls go on: the STUN server does not answer, for example. */
  warning: [problem: Error];
  /** The registration at the registrar changed. */
  registration: [report: RegistrationReport];
  /** Number of live calls changed. */
  calls: [count: number];
  /** Every event of every call, for `sip-call-events`. */
  callEvent: [report: CallEventReport];
  /** A call began: one that came in, before its listener gets it, or one that was dialled, before its INVITE. */
  call: [call: IncomingCall | OutgoingCall];
  /** A call is over, and its resources are back. */
  callEnded: [info: CallInfo, call: CallRef];
  /**
   * A SIP message was sent or received, as it is on the wire: with its secrets, which `maskSecrets` would hide. Its
   * bytes are good while the listener runs.
   */
  wireMessage: [message: WireMessage];
  /** RTCP of a call whose media began while there was a listener, before SRTCP and after it. */
  rtcp: [packet: CallRtcp];
  /**
   * An OPTIONS, MESSAGE or NOTIFY outside of calls. It gets its default answer (200, to NOTIFY 481) as soon as the
   * listeners are through, unless one has called `defer`: then `answerRequest` has 1 s. False when 64 requests wait
   * already.
   */
  request: [request: ReceivedRequest, defer: () => boolean];
}

export interface Phone {
  on<K extends keyof PhoneEvents>(event: K, listener: (...args: PhoneEvents[K]) => void): () => void;
  readonly id: string;
  readonly options: PhoneOptions;
  readonly state: PhoneState;
  readonly callCount: number;
  /** The live calls, in no particular order. */
  readonly calls: readonly (IncomingCall | OutgoingCall)[];
  /** SIP address once ready. */
  readonly address: { address: string; port: number } | undefined;
  /** How the registration stands now; undefined for a phone that does not register. */
  readonly registration: RegistrationReport | undefined;
  /** Pairs of RTP and RTCP ports in the phone's range, which phones may share: those that are free, and all. */
  readonly rtpPairs: { readonly free: number; readonly all: number };
  /** Binds and registers in the directory. BAD_CONFIG (a number that is taken), TRANSPORT (occupied port). */
  start(): Promise<void>;
  /**
   * Begins a call. Throws synchronously BAD_TARGET, BAD_CONFIG (no usable codec), INSTANCE_NOT_READY,
   * MAX_CALLS; rejects later faults through the promise: RTP_PORTS_EXHAUSTED, TRANSPORT.
   * Everything that the peer can answer is an outcome, not an error.
   */
  dial(target: string | DialOptions): Promise<OutgoingCall>;
  /**
   * Calls targets on behalf of a call, of this phone or another one of the world, and joins it with the first one that
   * answers. Ringing, early media, failure and hang-up are carried to the first call; its caller, privacy and hops to the
   * second one. BAD_TARGET, BAD_CONFIG, INSTANCE_NOT_READY; CALL_STATE for a call that is being dialled through already or
   * is neither answered nor waits for our answer; CALL_ENDED, CALL_UNKNOWN. All that comes later is an outcome.
   */
  dialThrough(first: Call, options: DialThroughOptions): Promise<DialThrough>;
  /**
   * Hands incoming calls to a listener, until the returned function is called. Each call goes to exactly one: the one
   * with the same number, else the longest prefix, a pattern, or the one without.
   *
   * @throws SipflowError BAD_CONFIG when `match` cannot be understood
   */
  onCall(listener: IncomingListener, options?: IncomingOptions): () => void;
  /**
   * Registers at the registrar, now and from now on; anew when the phone is registered. Resolves when the registrar has
   * accepted it. BAD_CONFIG without a registrar, INSTANCE_NOT_READY; AUTH, BAD_CONFIG, TIMEOUT, TRANSPORT, TLS or DNS
   * when the first try failed, after which the phone goes on trying; CALL_STATE when `unregister` comes in between.
   */
  register(): Promise<RegistrationReport>;
  /** Takes the registration back, if there is one, and resolves when the registrar has answered. INSTANCE_NOT_READY. */
  unregister(): Promise<void>;
  /**
   * Sends a request outside of calls and resolves with its answer: OPTIONS, MESSAGE, NOTIFY, PUBLISH and others.
   * Rejects with BAD_TARGET, INSTANCE_NOT_READY, MAX_CALLS when 500 wait already, and BAD_CONFIG for a method that
   * belongs to calls or to the SIP stack, a header or the body. Faults of the network are outcomes.
   */
  request(options: PhoneRequestOptions): Promise<RequestOutcome>;
  /** Subscribes to an event package. BAD_TARGET, BAD_CONFIG, INSTANCE_NOT_READY, MAX_CALLS when 200 stand already. */
  subscribe(options: SubscribeRequest): PhoneSubscription;
  /** Answers a request that came in and was deferred. False when it has its answer already. BAD_CONFIG. */
  answerRequest(id: string, answer: RequestAnswer): boolean;
  probe(source: AudioSource): Promise<AudioInfo>;
  /**
   * Allows so many calls at once, whatever lower `maxCalls` says, until the returned function is called. Two such wishes
   * do not add up: the highest one counts.
   */
  allowCalls(calls: number): () => void;
  /** Ends every call through its finaliser, closes the sockets, leaves the directory. ≤ 3 s. Idempotent. */
  close(): Promise<void>;
}
