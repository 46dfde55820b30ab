/** Sample rate of the audio that detectors are given, Hz. */
export const LISTENING_RATE = 8000;
/** Audio between two questions to a detector, milliseconds: it decides while the audio goes on. */
export const DECISION_MS = 200;
/** The same in blocks of 10 ms. */
export const BLOCKS_PER_DECISION = 20;

/** A prompt that what was heard may have been. */
export interface Candidate {
  /** Name of the reference. */
  reference: string;
  /** How much it is like what was heard, 0 to 1. */
  score: number;
}

/** What a detector has heard. Times are milliseconds of the audio that it was given: its first sample is 0. */
export interface Detection {
  /** `prompt`, `speech`, `end-of-speech`, `silence`, `human`, `machine`, `fax`, `beep`, or the name of a tone. */
  what: string;
  /** Name of the prompt or tone. */
  reference?: string;
  /** Certainty, 0 to 1. */
  score: number;
  /** Distance of the score to that of the second-best prompt. */
  margin?: number;
  startMs: number;
  endMs: number;
  /** First audible moment, where it is not `startMs`. */
  soundStartMs?: number;
  /** Level of what was heard, dBFS. */
  levelDbfs?: number;
  /** What is missing of the beginning of a prompt, milliseconds. */
  missingStartMs?: number;
  /** Holes in it, milliseconds in all. */
  gapsMs?: number;
  candidates?: Candidate[];
  /** Frequencies of a tone, Hz. */
  frequencies?: number[];
  /** Length of the greeting of who answered, milliseconds. */
  greetingLengthMs?: number;
  /** End of the beep of an answering machine. */
  beepMs?: number;
  /** Why a detector decided so, for people: a stable word. */
  why?: string;
}

/**
 * Listens for one thing in received audio. Pure: audio is pushed in, and a decision is asked for after each
 * `DECISION_MS` of it. Nothing is allocated for most pushes, and a call takes two milliseconds at most.
 */
export interface Detector {
  /**
   * Takes the next samples, at `LISTENING_RATE`.
   *
   * @param lost the samples stand for audio that was lost on the way: they are made up.
   */
  push(pcm: Int16Array, offset: number, count: number, lost: boolean): void;
  /** What was heard, once it is certain; undefined before. */
  poll(): Detection | undefined;
  /** What was heard instead, once it is certain that the wanted thing will not be; undefined before. */
  refuted?(): Detection | undefined;
  /** The likeliest that has been heard so far although it is not certain, for reports; undefined when there is nothing. */
  best?(): Detection | undefined;
  /** No more audio comes (time-out, end of the call): what the audio so far is enough for; undefined when not heard. */
  end(): Detection | undefined;
}
