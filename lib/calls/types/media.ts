import type { Failure } from '../../common';
import type { AudioSource, PlaybackResult, RecordChannels, RecordingResult } from '../../media';

export interface PlayOptions {
  source: AudioSource;
  strict?: boolean;
  loop?: boolean;
  /** Seconds. */
  offset?: number;
  maxDuration?: number;
  /** `none`, `any`, or the digits that interrupt. */
  bargeIn?: string;
  /** The calls that this one is joined with stay heard, below the sound; otherwise they are silent meanwhile. */
  mix?: boolean;
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

/** A file that a call has recorded, or records still. */
export interface CallRecording {
  readonly file: string;
  /** Whether nothing more will be written to it. */
  readonly final: boolean;
  /** Absent until it is final, and of one that failed. */
  readonly report?: RecordingReport;
}

/** A started playback or recording that a later message can control. */
export interface Running<Report> {
  readonly finished: Promise<Report>;
  stop(): void;
  pause(): void;
  resume(): void;
}
