import type { Greeting } from './greeting';

/** Who or what answered. */
export type Answerer = 'human' | 'machine' | 'fax' | 'unknown';

/** A decision by the greeting alone. */
export interface GreetingVerdict {
  what: 'human' | 'machine';
  /** `short-greeting`, `greeting-then-silence` or `long-greeting`. */
  why: string;
  /** Certainty, 0 to 1. */
  score: number;
}

/** Shortest greeting, ms: less is a click or a breath. */
const LEAST_SPEECH_MS = 120;
/** A person says no more than this in one go: *hello*, a name, a company. */
const SHORT_MS = 1500;
/** A person who says more than this before a pause is taken for a recording. */
const LONG_MS = 3200;
/** Silence in which a person waits for an answer, after a short and after a longer greeting, ms. */
const WAIT_MS = 1000;
const LONG_WAIT_MS = 2200;
/** Least part of a longer greeting that is quiet: speech has 0.09 or more in its first seconds, music mostly less than 0.02. */
const LEAST_QUIET = 0.06;
/** Least movement of the level of a longer greeting, dB: 98 of 100 voices have more in their first seconds, 4 of 5 pieces of music less. */
const LEAST_MOVEMENT_DB = 4.8;
/** Certainty by length. */
const CERTAIN = 0.9;
const DOUBTFUL = 0.6;
/** Length of a greeting from which a recording is as certain as can be without its beep, ms. */
const SURELY_LONG_MS = 7000;

/**
 * Decides by how long somebody speaks and then waits: people greet and listen, recordings speak on. Undefined while both
 * are possible, and for what is no speech.
 */
export function judgeGreeting(greeting: Greeting): GreetingVerdict | undefined {
  const { startMs, endMs, silenceMs, speechMs } = greeting;
  if (startMs === undefined || speechMs < LEAST_SPEECH_MS) return undefined;
  const length = endMs - startMs;
  if (length > SHORT_MS && !isSpoken(greeting)) return undefined;
  if (length > LONG_MS) return { what: 'machine', why: 'long-greeting', score: scoreOfLong(length) };
  const excess = Math.max(0, (length - SHORT_MS) / (LONG_MS - SHORT_MS));
  if (silenceMs < WAIT_MS + excess * (LONG_WAIT_MS - WAIT_MS)) return undefined;
  return {
    what: 'human',
    why: excess === 0 ? 'short-greeting' : 'greeting-then-silence',
    score: CERTAIN - excess * (CERTAIN - DOUBTFUL),
  };
}

function isSpoken({ quietPart, movementDb }: Greeting): boolean {
  return quietPart >= LEAST_QUIET && movementDb >= LEAST_MOVEMENT_DB;
}

function scoreOfLong(length: number): number {
  const excess = Math.min(1, (length - LONG_MS) / (SURELY_LONG_MS - LONG_MS));
  return DOUBTFUL + 0.1 + excess * (CERTAIN - DOUBTFUL - 0.1);
}
