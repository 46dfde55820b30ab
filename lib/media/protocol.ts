import type { MessagePort } from 'node:worker_threads';
import type { CodecName, NamedReference, PreparedReference } from '../audio';
import type { Failure } from '../common';
import type {
  AudioInfo,
  AudioSource,
  ListenRequest,
  ListenResult,
  MediaDigitMethod,
  MediaParameters,
  MediaStatistics,
  PlaybackEnd,
  PlaybackResult,
  PlayRequest,
  PortMappingResult,
  ReceivedDigit,
  RecordingEnd,
  RecordingResult,
  RecordRequest,
  RtcpPacket,
  SendDigitsRequest,
  StunDestination,
} from './types';

/**
 * Version of the messages between the threads. A worker that was built for another version refuses to
 * start, which is what happens when a package is updated underneath a running Node-RED.
 */
export const PROTOCOL_VERSION = 3;

/** A request and the one result that answers it; a failure answers any of them. */
export interface Exchange<Params, Result> {
  params: Params;
  result: Result;
}

/** Result of binding a pair; that another program has the port is no fault. */
export type BindResult = { bound: true; mapping?: PortMappingResult } | { bound: false };

/** One session's end of a bridge: rings (see `AudioRing`) and the sample rates of their audio, Hz. */
export interface BridgeWiring {
  send: SharedArrayBuffer;
  sendRate: number;
  receive: SharedArrayBuffer;
  receiveRate: number;
  /** Rings of packets to copy (see `PayloadRing`), when both sides have the same codec and packet time. */
  copying?: { codec: CodecName; send: SharedArrayBuffer; receive: SharedArrayBuffer };
}

/** Everything that a capture has kept, as it crosses the threads. */
export interface CaptureRecords {
  /** Packets behind each other, as `readRecords` of `worker/capture` finds them. */
  records: Uint8Array<ArrayBuffer>;
  /** The other sides, by the numbers in the records. */
  endpoints: { address: string; port: number }[];
  local: { address: string; rtpPort: number };
  /** Wall-clock milliseconds at which the times in the records begin. */
  wallOffsetMs: number;
  /** Packets that were forgotten, or not taken, for want of room. */
  leftOut: number;
}

/** Requests from the main thread to a media worker. `port` is the number of a bound pair. */
export interface MediaRequests {
  bind: Exchange<
    { port: number; address: string; rtpPort: number; codecs: CodecName[]; stunServer?: StunDestination },
    BindResult
  >;
  sendDigits: Exchange<{ port: number; request: SendDigitsRequest }, null>;
  statistics: Exchange<{ port: number }, MediaStatistics>;
  finishRecordings: Exchange<{ port: number; reason: RecordingEnd }, null>;
  /** Packets of a session, also of one that is closed; null when none are kept. */
  capture: Exchange<{ port: number }, CaptureRecords | null>;
  /** Ends the session (or the bare pair) and answers after its last event. */
  close: Exchange<{ port: number }, MediaStatistics | null>;
  /** Ends everything the worker has. */
  shutdown: Exchange<Record<string, never>, null>;
}

/** One-way messages to a media worker; their effects come back as events. */
export interface MediaNotices {
  open: { port: number; parameters: MediaParameters };
  update: { port: number; parameters: MediaParameters };
  play: { port: number; playback: number; request: PlayRequest };
  controlPlayback: { port: number; playback: number; control: 'pause' | 'resume' };
  stopPlayback: { port: number; playback: number; reason: PlaybackEnd };
  record: { port: number; recording: number; request: RecordRequest };
  controlRecording: { port: number; recording: number; control: 'pause' | 'resume' };
  stopRecording: { port: number; recording: number; reason: RecordingEnd };
  listen: { port: number; listening: number; request: ListenRequest };
  listenReferences: { port: number; listening: number; references: readonly NamedReference[] };
  stopListening: { port: number; listening: number };
  answered: { port: number; agoMs: number };
  stopSending: { port: number; reason: PlaybackEnd };
  /** `leg` is the number of the bridge; a session of a conference has several. */
  bridge: { port: number; leg: number; wiring: BridgeWiring };
  unbridge: { port: number; leg: number };
  /** A new file worker took over from one that ended. */
  files: { files: MessagePort };
}

/** Events of a media worker about one bound pair. Digits and ends are never coalesced. */
export type MediaEvent =
  | { type: 'digitStart'; port: number; digit: string; method: MediaDigitMethod }
  | { type: 'digit'; port: number; digit: ReceivedDigit }
  | { type: 'receiving'; port: number }
  | { type: 'rtpTimeout'; port: number }
  | { type: 'statistics'; port: number; figures: MediaStatistics }
  | { type: 'rtcp'; port: number; packet: RtcpPacket }
  | { type: 'failed'; port: number; failure: Failure }
  | { type: 'playbackStarted'; port: number; playback: number; durationMs: number }
  | { type: 'playbackFinished'; port: number; playback: number; result: PlaybackResult }
  | { type: 'playbackFailed'; port: number; playback: number; failure: Failure }
  | { type: 'recordingStarted'; port: number; recording: number; file: string }
  | { type: 'recordingFinished'; port: number; recording: number; result: RecordingResult }
  | { type: 'recordingFailed'; port: number; recording: number; failure: Failure }
  | { type: 'listened'; port: number; listening: number; result: ListenResult }
  | { type: 'listenFailed'; port: number; listening: number; failure: Failure };

/** Requests from the main thread to the file worker. */
export interface FileRequests {
  probe: Exchange<{ source: AudioSource }, AudioInfo>;
  /** Features of a sound that will be listened for; their bytes are shared, not copied. */
  prepare: Exchange<{ source: AudioSource }, PreparedReference>;
  /** Connects a media worker; its recordings are finished when the port closes. */
  connect: Exchange<{ port: MessagePort }, null>;
  /** Finishes every recording and closes every file. */
  shutdown: Exchange<Record<string, never>, null>;
}

export interface MediaWorkerData {
  version: number;
  files: MessagePort;
  /** Bytes that the captures of the worker may use together. */
  captureBytes: number;
  /** For a `WorkerMeter`. */
  meter: SharedArrayBuffer;
  /** For the `Descriptors` of the native driver for datagrams; without it the worker uses `node:dgram`. */
  descriptors?: SharedArrayBuffer;
}

export interface FileWorkerData {
  version: number;
  soundsDir: string;
}

/** A request as it crosses the threads. */
export interface RequestMessage {
  kind: 'request';
  id: number;
  type: string;
  params: unknown;
}

export interface NoticeMessage {
  kind: 'notice';
  type: string;
  params: unknown;
}

/** Message of a worker to the main thread. */
export type WorkerMessage<Event> =
  | { kind: 'reply'; id: number; result: unknown }
  | { kind: 'failure'; id: number; failure: Failure }
  | { kind: 'event'; event: Event };
