import type { Candidate, NamedReference } from '../../audio';

/** What is listened for. */
export type ListenFor = 'prompt' | 'speech' | 'end-of-speech' | 'silence' | 'tone' | 'answerer';

/** From when on: from now, from the start of the session's audio, or from the end of what we last sent. */
export type ListenSince = 'now' | 'start' | 'sent';

export interface ListenRequest {
  for: ListenFor;
  since: ListenSince;
  /** Which tone, or which kind of answerer; '' = any. */
  wanted: string;
  /** Least score of a prompt, 0 to 1; absent = by the prompt. */
  threshold?: number;
  /** Longest wait, milliseconds; the prompts that come later by `references` count within it. */
  timeoutMs: number;
  /** Length of the silence that counts, milliseconds. */
  silenceMs: number;
  /** Wants the audio of what was heard. */
  capture: boolean;
}

/**
 * What was heard, or what there was instead. Times are milliseconds of the session's audio by the RTP clock of the peer,
 * moved to ours: jitter, and when a thread saw a packet, make no difference.
 */
export interface Heard {
  /**
   * `prompt`, `speech`, `end-of-speech`, `silence`; of who answers `human`, `machine`, `fax`, `beep`; of tones `tone`,
   * `beep`, `dial`, `ringback`, `busy`, `congestion`, `sit`. What there was instead is `speech`, `tone` or `silence`, or who
   * answered instead, also `unknown`.
   */
  what: string;
  /** The prompt or tone that was recognised. */
  reference?: string;
  /** Certainty, 0 to 1. */
  score: number;
  margin?: number;
  startMs: number;
  endMs: number;
  /** From the end of what we sent to `startMs`; negative when they began before our end. */
  latencyMs?: number;
  /** 95 % of the latencies are right up to this. */
  latencyErrorMs?: number;
  levelDbfs?: number;
  missingStartMs?: number;
  gapsMs?: number;
  /** The most similar prompts, best first. */
  candidates?: Candidate[];
  /** Of what was not heard: the place that was most like it. */
  nearest?: { reference: string; score: number; startMs: number; endMs: number };
  /** Of a tone, Hz. */
  frequencies?: number[];
  /** Length of the greeting of a person or machine that answered. */
  greetingLengthMs?: number;
  /** End of the beep of an answering machine, when it was heard. */
  beepMs?: number;
  /** Why it was decided so: a stable word. */
  why?: string;
  /** From the answer to the first sound of the other side. */
  greetingMs?: number;
  /** From the beginning of ours into theirs to the end of theirs. */
  bargeInMs?: number;
  /** Time in which both sides sounded, since the listening began. */
  talkOverMs: number;
  /** The longest time since then in which neither did. */
  deadAirMs: number;
}

export interface ListenResult {
  reason: 'heard' | 'not-heard' | 'ended' | 'stopped';
  heard: Heard;
  /** WAV of what was heard, 8 kHz, when it was wanted. */
  audio?: Uint8Array;
}

/** A listening that runs. */
export interface Listening {
  /** Rejects with BAD_AUDIO for a tone that is none, CALL_STATE when too many listen already, INTERNAL for a lost worker. */
  readonly finished: Promise<ListenResult>;
  /** Gives the prompts to one that listens for `prompt`; until then the audio waits. */
  references(references: readonly NamedReference[]): void;
  stop(): void;
}
