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
  /** Adds the audio of bridged peers, which otherwise is not heard meanwhile. */
  mix?: boolean;
}

export type PlaybackEnd = 'completed' | 'dtmf' | 'stopped' | 'max-duration' | 'hangup';

export interface PlaybackResult {
  reason: PlaybackEnd;
  /** Length of the whole source in milliseconds; 0 when it is endless (tones, silence). */
  durationMs: number;
  /** Audio sent, in milliseconds. */
  playedMs: number;
}

/** Handle of a playback or recording: it starts, or fails; it finishes by itself, or when it is stopped. */
export interface Handle<Started, Result extends { reason: unknown }> {
  /** Rejects when it cannot begin. */
  readonly started: Promise<Started>;
  /** Rejects like `started`, and with a fault underway. */
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
  /** Stereo: left is the received audio, right the sent audio. */
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
