import type { Failure } from '../common/errors';
import type {
  AudioInfo,
  AudioSource,
  ConcealmentMode,
  JitterBufferSettings,
  MediaStatistics,
  Playback,
  PlaybackResult,
  RecordChannels,
  Recording,
  RecordingResult,
} from '../media/types';
import type { TracedMessage } from '../trace';
import type { ExtraHeaders, Headers, RegistrationReport, TransportName } from '../sip/types';

export type {
  AudioInfo,
  AudioSource,
  ExtraHeaders,
  Failure,
  Headers,
  Playback,
  PlaybackResult,
  RecordChannels,
  Recording,
  RecordingResult,
  RegistrationReport,
  TracedMessage,
};

/** The call as it travels in `msg.call`: facts that never change, and nothing alive. */
export interface CallRef {
  readonly type: 'sip-call';
  /** Ours; the registry's key. */
  readonly id: string;
  /** Node id of the sip-instance. */
  readonly instance: string;
  readonly direction: 'in' | 'out';
  /** SIP Call-ID, for people and logs. */
  readonly callId: string;
  readonly from: string;
  readonly to: string;
}

export type CallState = 'new' | 'ringing' | 'early-media' | 'answering' | 'answered' | 'ending' | 'ended';

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

export type EndedBy = 'local' | 'remote' | 'error';

/** `msg.callInfo`, for a live call or from its tombstone. Times are ISO 8601. */
export interface CallInfo {
  state: CallState;
  direction: 'in' | 'out';
  codec: string | null;
  dtmfMethod: 'rfc4733' | 'info' | 'inband' | null;
  srtp: boolean;
  startedAt: string;
  answeredAt: string | null;
  endedAt: string | null;
  /** From the answer to the end (or to now), 0 when never answered. */
  durationMs: number;
  endedBy: EndedBy | null;
  status: number | null;
  reason: string | null;
  headers: Headers;
  rtp: MediaStatistics | null;
  mos: number | null;
}

export type DtmfMethod = 'auto' | 'rfc4733' | 'info' | 'inband';

/** PEM texts and settings of a `tls-config` node. */
export interface InstanceTls {
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

/** A sip-instance's settings, already evaluated and validated by `validateInstance`. Seconds unless named otherwise. */
export interface InstanceOptions {
  id: string;
  name: string;
  dn: string;
  displayName?: string;
  mode: 'simulation' | 'network';
  transport: TransportName;
  bindAddress: string;
  port: number;
  advertisedAddress?: string;
  domain?: string;
  /** Where a network instance registers: host, `host:port` or a SIP URI. Absent: it does not register. */
  registrar?: string;
  /** Seconds that a registration is asked for. */
  registerExpires?: number;
  /** Host (and port) that every request of a network instance goes to, whatever its URI says. */
  outboundProxy?: string;
  /** User for digest challenges; `dn` when absent. */
  authUser?: string;
  /** Secret for digest challenges; without it a challenge is a failure with advice. */
  password?: string;
  /**
   * Whether callers must prove by digest that they know `authUser` (or `dn`) and `password` of this instance; then
   * `password` must be set. Off when absent.
   */
  authenticateIncoming?: boolean;
  /**
   * Keys and certificates for `tls` and `wss`. A simulated phone without them makes a throw-away certificate that only
   * the simulated phones of this process trust.
   */
  tls?: InstanceTls;
  /**
   * STUN server, `host` or `host:port` (3478), that tells our public address. Used when `advertisedAddress` is
   * absent; a server that does not answer is a warning, not a fault.
   */
  stunServer?: string;
  /** Whether 18x responses ask for PRACK when the caller can do it (RFC 3262). Off when absent. */
  reliableProvisional?: boolean;
  /**
   * Seconds after which an unrefreshed session ends (RFC 4028): 90 to 86,400. Absent or 0: we ask for no session timer, and
   * follow that of a peer that asks for one.
   */
  sessionTimer?: number;
  /** SDES keys: never, when the peer takes them, or always. Off when absent. */
  srtp?: 'off' | 'optional' | 'required';
  /** How received audio waits before it is heard; adaptive when absent. */
  jitterBuffer?: JitterBufferSettings;
  /** Seconds between two `statistics` events of a call (0.1 or more); absent or 0 = none. */
  statisticsInterval?: number;
  /** How lost audio is filled in: `pitch` (default), `repeat-fade`, or `none`. */
  concealment?: ConcealmentMode;
  /** Any spelling; kept in order of preference. */
  codecs: string[];
  pcmuFallback: boolean;
  /** Milliseconds. */
  ptime: number;
  dtmfMethod: DtmfMethod;
  rtpPortMin: number;
  rtpPortMax: number;
  maxCalls: number;
  mediaTimeout: number;
  /**
   * Seconds without RTP after which a peer that had sent some is asked whether it is still there, and the call ends
   * when it is not; 0 = never, 30 when absent.
   */
  rtpTimeout?: number;
  /** What becomes of a peer's wish to be transferred; `auto` when absent. */
  transferPolicy?: 'auto' | 'ask' | 'reject';
  /** Absolute folder that relative audio paths start from. */
  audioDir: string;
  /** Absolute folder that recordings never leave. */
  recordingsDir: string;
}

export interface DialOptions {
  target: string;
  headers?: ExtraHeaders;
  /** Overrides the instance's list. */
  codecs?: string[];
  /** Seconds until the call is given up (status 408, failure TIMEOUT is not raised: it is an outcome). */
  ringTimeout?: number;
  /** Whether to call the contacts of a 3xx, best first (at most five of them); otherwise a 3xx is a failure that names them. */
  followRedirects?: boolean;
}

/** How an outgoing call's set-up ended. */
export type DialOutcome =
  { kind: 'answered'; sip: SipReport } | { kind: 'failed'; sip: SipReport; failure: Failure };

/** How a hold or resume ended. */
export type HoldOutcome =
  { kind: 'done'; sip: SipReport } | { kind: 'failed'; sip: SipReport; failure: Failure };

export type TransferOptions =
  | { kind: 'blind'; target: string }
  /** The peer of `consultCall` takes over; that call ends. */
  | { kind: 'attended'; consultCall: Call };

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

/** A MESSAGE (RFC 3428). */
export interface TextMessage {
  from: string;
  to: string;
  contentType: string | null;
  text: string;
  headers: Headers;
}

export interface CallEvents {
  /** An 18x of an outgoing call. */
  progress: [sip: SipReport];
  /** Media is ready (first offer/answer complete). */
  mediaReady: [];
  answered: [sip: SipReport];
  digit: [digit: DigitEvent];
  /** The figures of the call's media so far, every `statisticsInterval` seconds of the instance. */
  statistics: [figures: MediaStatistics];
  held: [];
  resumed: [];
  /** The peer may send audio, but none came for the `rtpTimeout` of the instance. */
  rtpTimeout: [];
  /** The peer wants us to call somebody else; with the policy `ask` it waits for `answerTransfer`. */
  transferRequest: [sip: SipReport];
  /** What is heard of a transfer before its outcome. */
  transferProgress: [sip: SipReport];
  /** The call has another peer now. */
  replaced: [sip: SipReport];
  /** A MESSAGE of the peer; it is answered already. */
  message: [message: TextMessage];
  ended: [info: CallInfo];
}

export interface DigitEvent {
  digit: string;
  method: 'rfc4733' | 'info' | 'inband';
  /** Milliseconds since the call's media began. */
  atMs: number;
  durationMs: number;
}

/** `msg.dtmf` */
export interface DtmfResult {
  /** Never contains the terminator. */
  digits: string;
  method: 'rfc4733' | 'info' | 'inband' | null;
  reason: 'complete' | 'terminator' | 'pattern' | 'timeout' | 'invalid' | 'ended';
  events: DigitEvent[];
}

export interface GatherOptions {
  /** Forget digits that were pressed before. */
  flush?: boolean;
  minDigits?: number;
  /** 0 = no limit. */
  maxDigits?: number;
  /** Digits any of which ends the gather; '' = none. */
  terminator?: string;
  /** Regular expression; the gather completes as soon as the whole of the digits matches. */
  pattern?: string;
  firstDigitTimeout?: number;
  interDigitTimeout?: number;
  methods?: ('rfc4733' | 'info' | 'inband')[];
  signal?: AbortSignal;
}

export interface PlayOptions {
  source: AudioSource;
  strict?: boolean;
  loop?: boolean;
  /** Seconds. */
  offset?: number;
  maxDuration?: number;
  /** `none`, `any`, or the digits that interrupt. */
  bargeIn?: string;
}

export interface RecordOptions {
  /** Template relative to the recordings folder: `{{instance}} {{timestamp}} {{call}} {{from}} {{to}}`. */
  file: string;
  channels?: RecordChannels;
  beep?: boolean;
  /** Seconds. */
  maxDuration?: number;
  silenceStop?: number;
  /** dBFS. */
  silenceLevel?: number;
  /** Digits that end the recording. */
  terminator?: string;
}

export interface SendDigitsOptions {
  digits: string;
  method?: DtmfMethod;
  toneMs?: number;
  gapMs?: number;
}

/** `msg.playback` */
export interface PlaybackReport extends PlaybackResult {
  source: string;
  digit?: string;
}

/** `msg.recording` */
export interface RecordingReport extends RecordingResult {
  terminator?: string;
  /** Why it ended early although the disk took everything: the peer is gone (TIMEOUT). */
  failure?: Failure;
}

/** A started playback or recording that a later message can control. */
export interface Running<Report> {
  readonly finished: Promise<Report>;
  stop(): void;
  pause(): void;
  resume(): void;
}

export type WaitEvent =
  'ringing' | 'early-media' | 'answered' | 'dtmf' | 'held' | 'resumed' | 'transfer-request' | 'ended';

export type WaitOutcome = 'event' | 'timeout' | 'ended';

/**
 * One call, owned by its instance. Every method that needs media waits for it, at most the instance's
 * `mediaTimeout`, then rejects with MEDIA_NOT_READY naming the state (pitfall 1). On an ended call every
 * method but `hangup` and `info` rejects with CALL_ENDED (who and when).
 */
export interface Call {
  on<K extends keyof CallEvents>(event: K, listener: (...args: CallEvents[K]) => void): () => void;
  readonly ref: CallRef;
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly state: CallState;
  readonly lastSip: SipReport;
  /** Outgoing calls only: resolves once with the set-up's outcome; never rejects. */
  readonly outcome: Promise<DialOutcome>;

  /**
   * Incoming calls: sends the 200 and resolves when the ACK (or its time-out) is in. CALL_STATE when it
   * is not an unanswered incoming call; NO_COMMON_CODEC after a 488 was sent.
   */
  answer(options?: { headers?: ExtraHeaders; codecs?: string[] }): Promise<SipReport>;
  /** Incoming calls before the answer. 3xx takes a contact. */
  reject(options: {
    status: number;
    reason?: string;
    contact?: string;
    headers?: ExtraHeaders;
  }): Promise<SipReport>;
  /** Incoming calls before the answer: sends 183 with SDP and opens the media. */
  startEarlyMedia(options?: { reliable?: boolean }): Promise<SipReport>;
  /** Resolves when playback began. BAD_AUDIO, FILE_NOT_FOUND, FILE_ACCESS, CALL_STATE. */
  play(options: PlayOptions): Promise<Running<PlaybackReport>>;
  /** Resolves when the file exists. FILE_ACCESS. */
  record(options: RecordOptions): Promise<Running<RecordingReport>>;
  /** BAD_DIGITS, DTMF_NOT_NEGOTIATED. Resolves with the method used when the last digit is out. */
  sendDigits(options: SendDigitsOptions): Promise<{ method: 'rfc4733' | 'info' | 'inband' }>;
  /** CALL_STATE when another gather runs; BAD_CONFIG for time-outs below the floor. Never rejects for the call's end. */
  gather(options: GatherOptions): Promise<DtmfResult>;
  /** Every digit from now on (the buffer first, unless `flush`), until the returned function or the call's end. */
  streamDigits(
    options: { flush?: boolean; methods?: ('rfc4733' | 'info' | 'inband')[] },
    onDigit: (digit: DigitEvent) => void,
    onEnd: () => void,
  ): () => void;
  /** Puts the other side on hold, or takes it back, by a re-INVITE. CALL_STATE before the answer. */
  hold(action: 'hold' | 'resume'): Promise<HoldOutcome>;
  /**
   * Sends the other side to somebody else (REFER) and resolves when it is known what came of it; after a success this call
   * has ended. Progress comes as `transferProgress`. CALL_STATE before the answer or during another transfer,
   * BAD_TARGET.
   */
  transfer(options: TransferOptions): Promise<TransferOutcome>;
  /** Follows or declines the transfer that the peer has asked for. CALL_STATE when there is none. */
  answerTransfer(decision: 'accept' | 'decline'): Promise<TransferOutcome>;
  /**
   * Joins the audio and the digits of two calls until it is stopped or one of them ends. Waits for the media of both;
   * CALL_STATE when one of them is bridged already.
   */
  bridge(peer: Call): Promise<RunningBridge>;
  /** The call's SIP messages as far as they are remembered, credentials masked. */
  trace(): TracedMessage[];
  waitFor(event: WaitEvent, options?: { timeout?: number; signal?: AbortSignal }): Promise<WaitOutcome>;
  /** Ends the call whatever its state and resolves when the finaliser is through. Idempotent, never rejects. */
  hangup(options?: { headers?: ExtraHeaders }): Promise<void>;
  info(): Promise<CallInfo>;
}

/** What an ended call leaves behind for five minutes. */
export interface Tombstone {
  readonly ref: CallRef;
  readonly info: CallInfo;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
  /** The call's SIP messages as far as they are remembered still. */
  trace(): TracedMessage[];
}

export interface IncomingHandlerOptions {
  /** Exact number, prefix `12*`, `/regex/`, blank = any. */
  match: string;
  /** Send 180 at once. */
  ring: boolean;
  /** Seconds until an unanswered call is refused with `noAnswerStatus`. */
  noAnswerTimeout: number;
  noAnswerStatus: number;
  onCall(call: Call, sip: SipReport): void;
}

export type InstanceState = 'stopped' | 'starting' | 'ready' | 'failed' | 'closed';

export interface InstanceEvents {
  state: [state: InstanceState, error?: Error];
  /** Something does not work as configured, but calls go on: the STUN server does not answer, for example. */
  warning: [problem: Error];
  /** The registration at the registrar changed. */
  registration: [report: RegistrationReport];
  /** Number of live calls changed. */
  calls: [count: number];
  /** Every event of every call, for `sip-call-events`. */
  callEvent: [
    event: {
      event: string;
      /** Absent for a message outside of calls. */
      call?: CallRef;
      sip?: SipReport;
      digit?: DigitEvent;
      info?: CallInfo;
      message?: TextMessage;
    },
  ];
}

export interface Instance {
  on<K extends keyof InstanceEvents>(event: K, listener: (...args: InstanceEvents[K]) => void): () => void;
  readonly id: string;
  readonly options: InstanceOptions;
  readonly state: InstanceState;
  readonly callCount: number;
  /** SIP address once ready. */
  readonly address: { address: string; port: number } | undefined;
  /** Binds and registers in the directory. BAD_CONFIG (duplicate dn), TRANSPORT (occupied port). */
  start(): Promise<void>;
  /**
   * Begins a call. Throws synchronously BAD_TARGET, BAD_CONFIG (no usable codec), INSTANCE_NOT_READY,
   * MAX_CALLS; rejects later faults through the promise: RTP_PORTS_EXHAUSTED, TRANSPORT.
   * Everything that the peer can answer is an outcome, not an error.
   */
  dial(options: DialOptions): Promise<Call>;
  /** Registers a receiver of incoming calls; the returned function takes it away. */
  addIncomingHandler(options: IncomingHandlerOptions): () => void;
  probe(source: AudioSource): Promise<AudioInfo>;
  /** Ends every call through its finaliser, closes the sockets, leaves the directory. ≤ 3 s. Idempotent. */
  close(): Promise<void>;
}

/** Process-wide look-up of calls. */
export interface CallLookup {
  /**
   * By CallRef or bare id. Throws CALL_UNKNOWN for what never was (or is forgotten), naming what it got;
   * CALL_ENDED (who, when) for a tombstone.
   */
  live(reference: unknown): Call;
  /** Live call or tombstone. Throws CALL_UNKNOWN. */
  find(reference: unknown): { call: Call } | { tombstone: Tombstone };
}
