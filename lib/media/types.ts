import type { CodecName, ConcealmentMode } from '../audio';
import type { Failure } from '../common';
import type { JitterBufferCounts, JitterBufferMode } from './jitter-buffer';

export type { ConcealmentMode } from '../audio';
export type { JitterBufferCounts, JitterBufferMode } from './jitter-buffer';

/** Direction of a stream seen from our side (RFC 3264). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One codec of a stream: what we write into packets and what we expect in packets. */
export interface MediaCodec {
  name: CodecName;
  sendPayloadType: number;
  receivePayloadType: number;
  /** Format parameters of the peer (`a=fmtp`), unparsed. */
  fmtp?: string;
}

/** What an offer/answer settled for one audio stream; a media session exists only with this (pitfall 1). */
export interface MediaParameters {
  /** Where the peer wants its packets. `rtcpPort` equals `rtpPort` with rtcp-mux. */
  remote: { address: string; rtpPort: number; rtcpPort: number };
  /** The codec that we send and expect. */
  codec: MediaCodec;
  /** Further codecs of the answer that the peer may switch to without asking (RFC 3264, 5.1). */
  alternatives: MediaCodec[];
  telephoneEvent?: { sendPayloadType: number; receivePayloadType: number; clockRate: number };
  /** Packet time that we send with, in milliseconds (10–60). */
  ptimeMs: number;
  direction: MediaDirection;
  rtcpMux: boolean;
  /** The peer wants extended reports with VoIP metrics (RFC 3611, 5.1): our RTCP has them then. */
  rtcpXr?: boolean;
  /** Listen for DTMF tones in the received audio; default true. Codecs that cannot carry them are not listened to. */
  detectInband?: boolean;
  /** Silence of the peer, in milliseconds, after which `rtpTimeout` is reported; default 20,000, 0 = never. */
  rtpTimeoutMs?: number;
  /** How often `statistics` is reported, in milliseconds (100 or more); absent or 0 = never. */
  statisticsIntervalMs?: number;
  /** How received audio waits; adaptive when absent. Out of range: `failed` with BAD_CONFIG. */
  jitterBuffer?: JitterBufferSettings;
  /** How lost audio is filled in; `pitch` when absent. */
  concealment?: ConcealmentMode;
  /**
   * SDES keys as negotiated (RFC 4568), when the stream is secured: each the key parameters of an `a=crypto`
   * line, `inline:<base64>[|lifetime][|MKI:length]`; several keys are parted by semicolons, and we send under the first.
   */
  srtp?: { suite: string; sendKey: string; receiveKey: string };
}

/** Delay of what is heard (tones, bridges, levels); recordings place each packet by its timestamp instead. */
export interface JitterBufferSettings {
  mode: JitterBufferMode;
  /** Delay of `fixed`, and the one that `adaptive` begins with, 0–1000 ms; default 60. */
  delayMs?: number;
  /** Limits of `adaptive`, 0–1000 ms; default 20 and 200. */
  minDelayMs?: number;
  maxDelayMs?: number;
}

export interface PortRequest {
  /** Local address to bind, IPv4 or IPv6. */
  address: string;
  /** Inclusive range; RTP takes an even port, RTCP the odd one above it. */
  portMin: number;
  portMax: number;
  /** Codecs that may be used: what they need is loaded before. */
  codecs?: readonly CodecName[];
  /** Server that both sockets ask how they are seen from outside, before they carry anything (RFC 8489). */
  stunServer?: StunDestination;
}

/** A STUN server that sockets can send to. */
export interface StunDestination {
  /** IP address of the family of the sockets. */
  address: string;
  port: number;
  /** As people know it. */
  name: string;
}

/** What a STUN server said of a pair of sockets. */
export type PortMappingResult =
  | {
      kind: 'mapped';
      address: string;
      rtpPort: number;
      /** Absent when only RTP has an answer. */
      rtcpPort?: number;
    }
  /** It did not answer in time, or with nothing of use; the ports work all the same, but for who sees them from outside. */
  | { kind: 'failed'; failure: Failure };

/**
 * Where audio comes from, as a `source` field spells it:
 * `sipflow:<name>`, a path (already absolute), `http(s)://…`, `tone:…`, `silence`, or the bytes of a WAV.
 */
export type AudioSource = string | Uint8Array;

export interface PlayRequest {
  source: AudioSource;
  /** Reject a file that would have to be resampled or mixed down instead of converting it. */
  strict?: boolean;
  loop?: boolean;
  /** Milliseconds to skip at the start. */
  offsetMs?: number;
  /** Stop after this many milliseconds; 0 = play to the end. */
  maxDurationMs?: number;
}

export type PlaybackEnd = 'completed' | 'dtmf' | 'stopped' | 'max-duration' | 'hangup';

export interface PlaybackResult {
  reason: PlaybackEnd;
  /** Length of the whole source in milliseconds; 0 when it is endless (tones, silence). */
  durationMs: number;
  /** What went onto the wire, in milliseconds. */
  playedMs: number;
}

/** What plays or records: it starts, or fails; it finishes by itself, or when it is stopped. */
export interface Handle<Started, Result extends { reason: unknown }> {
  /** Rejects when it cannot begin. */
  readonly started: Promise<Started>;
  /** Rejects with what `started` rejects with, and with a fault underway. */
  readonly finished: Promise<Result>;
  stop(reason: Result['reason']): void;
  pause(): void;
  resume(): void;
}

/**
 * Starts when the first packet is sent. BAD_AUDIO, FILE_NOT_FOUND, FILE_ACCESS, at the beginning or in the middle of a file.
 */
export type Playback = Handle<{ durationMs: number }, PlaybackResult>;

export type RecordChannels = 'mixed' | 'stereo' | 'received' | 'sent';
export type RecordingEnd = 'max-duration' | 'silence' | 'terminator' | 'stopped' | 'hangup';

export interface RecordRequest {
  /**
   * Absolute path, already sanitised. Created exclusively: when it exists, `-2`, `-3`, … goes before
   * the extension (pitfall 4). Missing folders are made.
   */
  file: string;
  /** Stereo: left is what we received, right is what we sent. */
  channels: RecordChannels;
  beep?: boolean;
  /** 0 = no limit. */
  maxDurationMs?: number;
  /** Stop after this much silence of the peer; 0 = off. */
  silenceStopMs?: number;
  /** Level in dBFS below which the peer counts as silent. */
  silenceLevelDbfs?: number;
}

export interface RecordingResult {
  reason: RecordingEnd;
  file: string;
  durationMs: number;
  bytes: number;
  channels: RecordChannels;
  sampleRate: number;
  /** Audio in milliseconds that the disk was too slow for; it is silence in the file. Absent when all was written. */
  lostMs?: number;
}

/**
 * Starts once the file exists with a valid header. FILE_ACCESS, at the beginning or when the disk fails underway; the file
 * keeps what was written.
 */
export type Recording = Handle<{ file: string }, RecordingResult>;

/** `closed`: one of the two sessions ended. */
export type MediaBridgeEnd = 'stopped' | 'closed';

export interface BridgeOptions {
  /**
   * Passes digits on that come as RFC 4733 events (or as tones that the other codec cannot carry); default false,
   * for callers that do it themselves.
   */
  digits?: boolean;
}

/** Two sessions whose audio is joined. */
export interface MediaBridge {
  /** Resolves when it is over; never rejects. */
  readonly finished: Promise<MediaBridgeEnd>;
  stop(): void;
}

/** Sessions of one engine that all hear each other: each hears the sum of all others, limited to 16 bits. */
export interface MediaConference {
  readonly size: number;
  /**
   * Adds a session until it leaves or closes. Throws CALL_STATE when it is in a bridge or conference, of another
   * engine, or one too many (16); CALL_ENDED when it is closed.
   */
  join(session: MediaSession): void;
  /** Does nothing for a session that is not a member. */
  leave(session: MediaSession): void;
  /** Lets everybody leave. */
  close(): void;
}

export type MediaDigitMethod = 'rfc4733' | 'inband';

/** A digit that the peer pressed. `atMs` is counted from the session's start. */
export interface ReceivedDigit {
  /** `0`–`9`, `*`, `#`, `A`–`D`, or `!` for a flash. */
  digit: string;
  method: MediaDigitMethod;
  atMs: number;
  durationMs: number;
}

export interface SendDigitsRequest {
  /** `0-9 * # A-D`, `,` = 500 ms pause, `!` = flash; validated by the caller. */
  digits: string;
  method: MediaDigitMethod;
  toneMs: number;
  gapMs: number;
}

/** How one side hears the other (RFC 3611, 4.7). Shares are 0–1, times milliseconds. */
export interface VoipMetrics {
  /** Packets that never came, and those that came but were not played, of all that were expected. */
  lossShare: number;
  discardShare: number;
  /** Share of lost and discarded packets within bursts and in the gaps between them, and the mean lengths of both. */
  burstDensity: number;
  gapDensity: number;
  burstMs: number;
  gapMs: number;
  /** Undefined when it is not known. */
  rttMs?: number | undefined;
  endSystemDelayMs?: number | undefined;
  /** Transmission rating factor R, 0–100. */
  rating?: number | undefined;
  /** Mean opinion scores, 1–5: of listening, and of a conversation with the path's delay. */
  mosListening?: number | undefined;
  mosConversational?: number | undefined;
  jitterBufferMs: number;
  jitterBufferMaxMs: number;
}

export interface MediaStatistics {
  sent: { packets: number; bytes: number };
  received: {
    packets: number;
    bytes: number;
    lost: number;
    /** Came too late to be played by an adaptive jitter buffer. */
    late?: number;
    duplicates: number;
    outOfOrder: number;
    /** RFC 3550 interarrival jitter in milliseconds. */
    jitterMs: number;
    /** Delay of the jitter buffer now. */
    jitterBufferMs?: number;
    /** What became of each packet in the jitter buffer, of all codecs. */
    jitterBuffer?: JitterBufferCounts;
    /** Dropped because they were no RTP, of an unknown payload type, or from a foreign source. */
    discarded: number;
    /** Mean length of bursts of loss over that of random loss (ITU-T G.107); 1 = random, undefined without loss. */
    burstRatio?: number;
    /** How much slower (positive) the peer's clock runs than ours, in parts per million; after 10 s. */
    clockDriftPpm?: number;
  };
  /** Mean opinion score 1–4.5 of what we receive (ITU-T G.107, with concealment); undefined when nothing came. */
  mos?: number;
  /** Round-trip time from RTCP in milliseconds, when a report allowed it. */
  rttMs?: number;
  /** How the peer hears us, as its newest extended report says (RFC 3611, 4.7); many peers send none. */
  remote?: VoipMetrics;
  /** Sender deadlines that were missed by more than one ptime and skipped (pitfall 5). */
  skippedTicks: number;
  /** Largest lateness of the worker's wheel since the session began: the instrument's floor. */
  maxLagMs: number;
  /** Level of the received audio, dBFS; -Infinity when nothing but silence came. */
  receivedLevelDbfs: number;
  /** Share of the received audio that was silent (below −40 dBFS), 0–1; absent before any came. */
  receivedSilenceShare?: number;
  /** Times that the received audio was clipped. */
  receivedClippings?: number;
  ssrc: number;
  remoteSsrc?: number;
}

export interface MediaSessionEvents {
  /** The peer began a digit: for barge-in, before its length is known. */
  digitStart: [digit: string, method: MediaDigitMethod];
  /** A complete digit, exactly once. */
  digit: [digit: ReceivedDigit];
  /** The first valid RTP packet of the peer arrived. */
  receiving: [];
  /** No RTP for the configured time although the direction lets the peer send. */
  rtpTimeout: [];
  /** The figures so far, every `statisticsIntervalMs`: differences of two are what happened between. */
  statistics: [figures: MediaStatistics];
  /** The worker died or the socket failed; the session is gone. */
  failed: [failure: Failure];
}

/** RTP on one port pair after a completed offer/answer. */
export interface MediaSession {
  on<K extends keyof MediaSessionEvents>(
    event: K,
    listener: (...args: MediaSessionEvents[K]) => void,
  ): () => void;
  readonly parameters: MediaParameters;
  /** Applies a new offer/answer (hold, re-INVITE, final answer after early media). */
  update(parameters: MediaParameters): void;
  /** One playback at a time; a second one while one runs is rejected with CALL_STATE through `started`. */
  play(request: PlayRequest): Playback;
  record(request: RecordRequest): Recording;
  /**
   * Joins this session's audio with that of another session of the same engine, transcoding where the codecs
   * differ, until it is stopped or one of them closes. A playback or digits of ours go before the peer's audio.
   * Digits by RFC 4733 are no audio: whoever bridges passes them on with `sendDigits`, or asks for it by `options`.
   * Throws CALL_STATE when either is bridged already, or closed, or of another engine.
   */
  bridge(peer: MediaSession, options?: BridgeOptions): MediaBridge;
  /** Resolves when the last digit's end packets are out; rejects with DTMF_NOT_NEGOTIATED. */
  sendDigits(request: SendDigitsRequest): Promise<void>;
  statistics(): Promise<MediaStatistics>;
  /** First step of a call's finaliser: playback and digits stop at once. */
  stopSending(reason: PlaybackEnd): void;
  /** Second step: every recording is flushed, patched and closed. Resolves when the files are final. */
  finishRecordings(reason: RecordingEnd): Promise<void>;
  /** Last step: RTCP BYE, sockets closed, ports back in the pool. Idempotent; resolves with the final figures. */
  close(): Promise<MediaStatistics>;
}

/** A bound RTP/RTCP pair that waits for its offer/answer. Early packets are kept (≤ 50) until `open`. */
export interface MediaPort {
  readonly address: string;
  readonly rtpPort: number;
  readonly rtcpPort: number;
  /** How the pair is seen from outside, when a STUN server was asked. */
  readonly mapping?: PortMappingResult | undefined;
  /** Starts the session: real silence flows from here on. Once only. */
  open(parameters: MediaParameters): MediaSession;
  /** Closes the sockets when no session was opened; otherwise does nothing (the session owns them). */
  release(): Promise<void>;
}

/** What a file or buffer is and what will happen to it, for the editor and the strict option. */
export interface AudioInfo {
  container: string;
  encoding: string;
  sampleRate: number;
  channels: number;
  bitsPerSample: number;
  durationMs: number;
}

/** The media engine as `lib/calls` sees it; also implemented by a null engine for signalling-only use. */
export interface MediaEngine {
  /**
   * Rejects with RTP_PORTS_EXHAUSTED (naming the range and the number in use), with BAD_CONFIG when a codec needs
   * a package that is not installed. A STUN server is waited for, two seconds at most; without an answer the pair is
   * good all the same.
   */
  reserve(request: PortRequest): Promise<MediaPort>;
  probe(source: AudioSource): Promise<AudioInfo>;
  /** Ends everything; workers are gone when it resolves. */
  close(): Promise<void>;
}
