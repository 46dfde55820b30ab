import type { CapturedPacket, MediaStatistics } from '../../media';
import type { ExtraHeaders, Headers } from '../../sip';
import type { MessageRecord, TracedMessage } from '../../trace';
import type {
  DigitEvent,
  DtmfResult,
  GatherOptions,
  MenuOptions,
  MenuResult,
  SendDigitsOptions,
} from './digits';
import type { ListenOptions, ListenReport } from './listen';
import type {
  CallRecording,
  PlayOptions,
  PlaybackReport,
  RecordOptions,
  RecordingReport,
  Running,
} from './media';
import type { CallRequestOptions, RequestOutcome } from './request';
import type {
  CallOrigin,
  CallSdp,
  DialOutcome,
  HoldOutcome,
  RunningBridge,
  SipReport,
  TextMessage,
  TransferOptions,
  TransferOutcome,
} from './signalling';

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
  /**
   * Incoming calls only: user part of the Request-URI, the number that the call was sent to; '' when it has none. `to`
   * keeps what the caller dialled at first, also when a server on the way sent the call elsewhere (RFC 3261, 8.2.2.1).
   */
  readonly called?: string;
}

export type CallState = 'new' | 'ringing' | 'early-media' | 'answering' | 'answered' | 'ending' | 'ended';

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

export interface CallEvents {
  /** An 18x of an outgoing call. */
  progress: [sip: SipReport];
  /** Media is ready (first offer/answer complete). */
  mediaReady: [];
  answered: [sip: SipReport];
  digit: [digit: DigitEvent];
  /** The figures of the call's media so far, every `statisticsInterval` seconds of the phone. */
  statistics: [figures: MediaStatistics];
  held: [];
  resumed: [];
  /** We refused an offer of the peer within the call, which goes on as it was (RFC 3261, 14.2). */
  offerRefused: [sip: SipReport];
  /** The peer may send audio, but none came for the `rtpTimeout` of the phone. */
  rtpTimeout: [];
  /** REFER of the peer, which asks us to call another target; with the policy `ask` it waits for `answerTransfer`. */
  transferRequest: [sip: SipReport];
  /** Progress of a transfer before its outcome. */
  transferProgress: [sip: SipReport];
  /** Change of the peer: the call goes on with another one. */
  replaced: [sip: SipReport];
  /** A MESSAGE of the peer; it is answered already. */
  message: [message: TextMessage];
  ended: [info: CallInfo];
}

/** What is known of the packets of a call: `pcapOf` makes a file of it. */
export interface CallCapture {
  /** The setting of the phone: `off` means that only SIP is there. */
  mode: 'off' | 'headers' | 'audio';
  /** SIP as it was before encryption; each character of a secret is an asterisk. */
  messages: MessageRecord[];
  /** RTP and RTCP without encryption. */
  packets: CapturedPacket[];
  /** How many earlier ones are not kept any more. */
  leftOut: { messages: number; packets: number };
}

export type WaitEvent =
  'ringing' | 'early-media' | 'answered' | 'dtmf' | 'held' | 'resumed' | 'transfer-request' | 'ended';

export type WaitOutcome = 'event' | 'timeout' | 'ended';

/**
 * One call, whichever side made it, owned by its phone. Every method that needs media waits for it, at most the phone's
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
  /** Of an incoming call. */
  readonly origin?: CallOrigin;
  /** SDP of both sides as data, made anew each time that it is asked for. */
  readonly sdp: CallSdp;
  /** Digits that the peer has pressed so far, each press once; the last 1,000. */
  readonly receivedDigits: readonly DigitEvent[];
  /** When its media began, in milliseconds since the epoch: what the times of digits count from. */
  readonly mediaStartedAt: number | undefined;
  /** SIP Call-IDs of the legs that it has had, the first one first: a transfer or a redirect adds one. */
  readonly callIds: readonly string[];
  /** Files of the call so far; the last 100. */
  readonly recordings: readonly CallRecording[];
  /** Whether RTP ports of the call are bound still; false once it has ended, unless their end was overdue. */
  readonly holdsPorts: boolean;
  /** Resolves when playback began. BAD_AUDIO, FILE_NOT_FOUND, FILE_ACCESS, CALL_STATE. */
  play(options: PlayOptions): Promise<Running<PlaybackReport>>;
  /** Resolves when the file exists. FILE_ACCESS. */
  record(options: RecordOptions): Promise<Running<RecordingReport>>;
  /** BAD_DIGITS, DTMF_NOT_NEGOTIATED. Resolves with the method used when the last digit is out. */
  sendDigits(options: SendDigitsOptions): Promise<{ method: 'rfc4733' | 'info' | 'inband' }>;
  /** CALL_STATE when another gather runs; BAD_CONFIG for time-outs below the floor. The end of the call is a result. */
  gather(options: GatherOptions): Promise<DtmfResult>;
  /**
   * Asks for one of several choices, as often as `tries` says. BAD_CONFIG when two of them take the same keys; else as
   * `gather` and `play`. The end of the call is a result.
   */
  menu(options: MenuOptions): Promise<MenuResult>;
  /** Every digit from now on (the buffer first, unless `flush`), until the returned function or the call's end. */
  streamDigits(
    options: { flush?: boolean; methods?: ('rfc4733' | 'info' | 'inband')[] },
    onDigit: (digit: DigitEvent) => void,
    onEnd: () => void,
  ): () => void;
  /**
   * Listens to the other side for a prompt, speech, silence, a tone, or who has answered, while it goes on. The end of the
   * call is a result. BAD_AUDIO and FILE_NOT_FOUND for a reference that cannot be listened for, FILE_ACCESS; CALL_STATE when
   * 16 listen already.
   */
  listen(options: ListenOptions): Promise<ListenReport>;
  /** Puts the other side on hold, or takes it back, by a re-INVITE. CALL_STATE before the answer. */
  hold(action: 'hold' | 'resume', options?: { headers?: ExtraHeaders }): Promise<HoldOutcome>;
  /**
   * Sends a request in the dialog of the call and resolves with its answer: INFO, MESSAGE, OPTIONS, NOTIFY and others.
   * INVITE and UPDATE with `codecs` change the codecs of the call; INVITE without them repeats our offer, UPDATE asks
   * for nothing. CALL_STATE before the answer and when 32 requests wait already; BAD_CONFIG for a method that belongs
   * to the SIP stack (ACK, BYE, CANCEL, PRACK), a header or the body. No answer, or a 481, ends the call (RFC 3261,
   * 12.2.1.2), except to NOTIFY and OPTIONS.
   */
  request(options: CallRequestOptions): Promise<RequestOutcome>;
  /**
   * Transfers the peer to another target (REFER) and resolves with the outcome; after a success this call
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
  /** The call's SIP and, when the phone captures them, its RTP and RTCP, as far as they are kept. Never rejects. */
  capture(): Promise<CallCapture>;
  waitFor(event: WaitEvent, options?: { timeout?: number; signal?: AbortSignal }): Promise<WaitOutcome>;
  /**
   * Ends the call in any state and resolves when the finaliser is through. Idempotent, never rejects. `info` reports
   * `reason`.
   */
  hangup(options?: { headers?: ExtraHeaders; reason?: string }): Promise<void>;
  info(): Promise<CallInfo>;
  /** As `info`, but at once: without the figures of the media while the call runs (`rtp` and `mos` are null). */
  readonly summary: CallInfo;
}

/** A call that has come in, which this side may answer, refuse, or give early media. */
export interface IncomingCall extends Call {
  readonly direction: 'in';
  /**
   * Sends the 200 and resolves when the ACK is in. CALL_STATE when the call is answered already, TIMEOUT when no ACK
   * comes, NO_COMMON_CODEC and SRTP_NOT_NEGOTIATED after a 488 was sent, RTP_PORTS_EXHAUSTED after a 500 was sent.
   */
  answer(options?: AnswerOptions): Promise<SipReport>;
  /** Refuses the call. BAD_CONFIG for a status that refuses nothing, CALL_STATE when the call is answered already. */
  reject(options: RejectOptions): Promise<SipReport>;
  /**
   * Sends 183 with SDP and opens the media. CALL_STATE when the call is answered already, or when its caller made no
   * offer and does not acknowledge provisional responses; NO_COMMON_CODEC and others as `answer`.
   */
  startEarlyMedia(options?: EarlyMediaOptions): Promise<SipReport>;
}

/** A call that this side has made. */
export interface OutgoingCall extends Call {
  readonly direction: 'out';
  /** Resolves once, when the call is answered or when it is known that it will not be; never rejects. */
  readonly outcome: Promise<DialOutcome>;
}

export interface AnswerOptions {
  headers?: ExtraHeaders;
  /** Overrides the phone's list, for this call. */
  codecs?: string[];
}

export interface RejectOptions {
  /** 300 to 699. */
  status: number;
  /** Reason phrase; the usual one of the status when absent. */
  reason?: string;
  /** URI that a 3xx sends the caller to. */
  contact?: string;
  headers?: ExtraHeaders;
}

export interface EarlyMediaOptions {
  /** Whether the 183 asks for PRACK (RFC 3262); otherwise `reliableProvisional` of the phone decides. */
  reliable?: boolean;
  headers?: ExtraHeaders;
}

/** Record of an ended call, kept for five minutes. */
export interface Tombstone {
  readonly ref: CallRef;
  readonly info: CallInfo;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
  readonly receivedDigits: readonly DigitEvent[];
  readonly mediaStartedAt: number | undefined;
  readonly callIds: readonly string[];
  readonly recordings: readonly CallRecording[];
  /** The call's SIP messages as far as they are remembered still. */
  trace(): TracedMessage[];
  /** As `Call.capture`. */
  capture(): Promise<CallCapture>;
}

/** Look-up of the calls of a world. */
export interface CallLookup {
  /**
   * A live call by CallRef or bare id. Throws CALL_UNKNOWN for an unknown or forgotten one, naming the reference;
   * CALL_ENDED (who, when) for a tombstone.
   */
  live(reference: unknown): IncomingCall | OutgoingCall;
  /** Live call or tombstone. Throws CALL_UNKNOWN. */
  find(reference: unknown): { call: IncomingCall | OutgoingCall } | { tombstone: Tombstone };
  /** The live calls, the oldest first. */
  readonly running: readonly (IncomingCall | OutgoingCall)[];
  /** The tombstones that are kept, the latest end last. */
  readonly ended: readonly Tombstone[];
}
