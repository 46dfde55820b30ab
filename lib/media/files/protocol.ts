import type { Failure } from '../../common';
import type { AudioSource } from '../types';

/** Request of a media worker for the samples of a source, at the rate and offset of its playback. */
export interface LoadRequest {
  source: AudioSource;
  strict: boolean;
  loop: boolean;
  offsetMs: number;
  /** Sample rate of the codec, Hz. */
  sampleRate: number;
}

export interface CreateRequest {
  /** Absolute path; taken exclusively, with `-2`, `-3`, … when it exists. */
  file: string;
  channels: 1 | 2;
  sampleRate: number;
}

/** From a media worker to the file worker, over their own channel. `id` is the media worker's. */
export type FileCommand =
  | { type: 'load'; id: number; request: LoadRequest }
  /** A chunk was used up: one more may be sent. */
  | { type: 'credit'; id: number }
  | { type: 'unload'; id: number }
  | { type: 'create'; id: number; request: CreateRequest }
  /** `silence` bytes of zeros (what an overflow dropped), then `data`. */
  | { type: 'write'; id: number; silence: number; data: ArrayBuffer }
  | { type: 'finish'; id: number };

/** From the file worker to a media worker. After `failed` nothing more comes for that id. */
export type FileEvent =
  /** The whole prompt, shared by all calls that play it; offset and looping are the player's. */
  | { type: 'loaded'; id: number; durationMs: number; samples: SharedArrayBuffer }
  /** A long file: chunks follow as credits allow, with offset and looping applied. */
  | { type: 'streaming'; id: number; durationMs: number }
  | { type: 'chunk'; id: number; data: ArrayBuffer; last: boolean }
  | { type: 'created'; id: number; file: string }
  /** A `write` reached the disk. */
  | { type: 'written'; id: number; bytes: number }
  | { type: 'finished'; id: number; file: string; dataBytes: number }
  | { type: 'failed'; id: number; failure: Failure };

/** Length of a stream's chunks, and their number under way or waiting: 4 s ahead, at least 2 s. */
export const CHUNK_MS = 500;
export const CHUNKS_AHEAD = 8;

/** Most unwritten audio of a recording: more is dropped, replaced by silence, and counted. */
export const MAX_QUEUED_MS = 4000;

/** Written to disk when this much has gathered, whichever comes first. */
export const BLOCK_MS = 500;
export const BLOCK_BYTES = 64 * 1024;
