import type { Failure } from '../../common';
import type { BridgeOptions, MediaBridge } from './bridge';
import type { CapturedMedia } from './capture';
import type { MediaDigitMethod, ReceivedDigit, SendDigitsRequest } from './digits';
import type { Listening, ListenRequest } from './listening';
import type { MediaParameters } from './parameters';
import type { PlayRequest, Playback, PlaybackEnd, RecordRequest, Recording, RecordingEnd } from './running';
import type { MediaStatistics } from './statistics';

/** An RTCP packet as it was before encryption. Not every one of a flood is told. */
export interface RtcpPacket {
  /** Wall-clock milliseconds since the Unix epoch. */
  atMs: number;
  direction: 'in' | 'out';
  /** Our socket; the address is a wildcard where the phone is bound to one. */
  local: { address: string; port: number };
  remote: { address: string; port: number };
  /** The compound packet, without SRTCP. */
  bytes: Uint8Array;
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
  /** Statistics since the start, every `statisticsIntervalMs`; the difference of two is that of the interval. */
  statistics: [figures: MediaStatistics];
  /** An RTCP packet was sent or came in, when the parameters ask for `reportsRtcp`. */
  rtcp: [packet: RtcpPacket];
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
  /** Listens for something in the received audio; up to 16 at the same time. */
  listen(request: ListenRequest): Listening;
  /** The call was answered so long ago: greetings are timed from there, for those who listen. */
  answered(agoMs: number): void;
  /**
   * Joins this session's audio with that of another session of the same engine, transcoding where the codecs
   * differ, until it is stopped or one of them closes. A playback or digits of ours go before the peer's audio.
   * Digits by RFC 4733 are no audio: the caller relays them with `sendDigits`, or has it done by `options`.
   * Throws CALL_STATE when either is bridged already, or closed, or of another engine.
   */
  bridge(peer: MediaSession, options?: BridgeOptions): MediaBridge;
  /** Resolves when the last digit's end packets are out; rejects with DTMF_NOT_NEGOTIATED. */
  sendDigits(request: SendDigitsRequest): Promise<void>;
  statistics(): Promise<MediaStatistics>;
  /**
   * The packets so far that are kept still, without encryption; also when the session is closed, for five minutes.
   * Undefined when none are kept. Never rejects.
   */
  capture(): Promise<CapturedMedia | undefined>;
  /** First step of a call's finaliser: playback and digits stop at once. */
  stopSending(reason: PlaybackEnd): void;
  /** Second step: every recording is flushed, patched and closed. Resolves when the files are final. */
  finishRecordings(reason: RecordingEnd): Promise<void>;
  /** Last step: RTCP BYE, sockets closed, ports back in the pool. Idempotent; resolves with the final figures. */
  close(): Promise<MediaStatistics>;
}
