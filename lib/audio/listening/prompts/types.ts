import type { Detection } from '../detector';
import type { Segment } from './coarse-templates';

/**
 * A prompt to listen for, as `prepareReference` makes it: plain data that never changes, with tables in shared memory, so
 * that it is posted to other threads and shared by any number of detectors without a copy.
 */
export interface PreparedReference {
  /** The same for the same audio. */
  readonly digest: string;
  /** Of the whole sound, silence at its ends included. */
  readonly durationMs: number;
  /** First audible moment in it. */
  readonly soundStartMs: number;
  /** Last audible moment in it. */
  readonly soundEndMs: number;
  /** Least score that counts as heard, unless the listener says another one; 0 to 1. */
  readonly threshold: number;
  /** Frames of 16 ms from the first to the last audible moment. */
  readonly frames: number;
  /** Band levels of `PHASES` rows of frames, each a quarter of a frame later than the one before; frame by frame. */
  readonly levels: Float32Array;
  /** Loudest level within half a second of each frame. */
  readonly tops: Float32Array;
  readonly segments: readonly Segment[];
  /** Templates of the segments for the coarse search. */
  readonly templates: Float32Array;
}

/** A reference and the name under which it is reported. */
export interface NamedReference {
  readonly name: string;
  readonly prepared: PreparedReference;
}

/**
 * A prompt that was heard. `startMs` and `endMs` are where the first and the last sample of the reference lie: `startMs` is
 * negative when it began before the audio did, and `endMs` can lie ahead of what has come when the reference ends with
 * silence.
 */
export interface PromptDetection extends Detection {
  what: 'prompt';
  reference: string;
  margin: number;
  levelDbfs: number;
  missingStartMs: number;
  /** What is missing of the end; a prompt that was heard lacks a moment at most. */
  missingEndMs: number;
  gapsMs: number;
  candidates: { reference: string; score: number }[];
  /** First and last audible moment of the reference, as it was heard. */
  soundStartMs: number;
  soundEndMs: number;
}
