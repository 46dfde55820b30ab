import type { AudioSource, Heard, ListenFor, ListenSince } from '../../media';

export interface ListenOptions {
  /** Default `prompt`. */
  for?: ListenFor;
  /**
   * For `prompt`: a sound, several, or the path of a folder of them (`sipflow:*`: those of the package): which one was it?
   * For `tone` and `answerer`: the name of the one that counts; '' = any.
   */
  reference?: AudioSource | readonly AudioSource[];
  /** Least score of a prompt, 0 to 1; by the prompt when absent. */
  threshold?: number;
  /** Longest wait in seconds, 0.1 to 86,400; default 30. */
  timeout?: number;
  /** Silence in seconds that ends speech, or that is listened for; 0.1 to 600, default 1. */
  silence?: number;
  /**
   * Where listening begins: `now` (default); the `start` of the call's audio, as far back as it is remembered (30 s; only
   * with `world.rememberAudio`, or when somebody listened before); the end of what we have `sent` last.
   */
  since?: ListenSince;
  /** Wants the audio of what was heard. */
  capture?: boolean;
  signal?: AbortSignal;
}

/** Outcome of a listening. */
export interface ListenReport {
  /** `ended`: the call was over before; `stopped`: by the signal. */
  reason: 'heard' | 'not-heard' | 'ended' | 'stopped';
  /** What was heard, or what there was instead; `msg.heard`. */
  heard: Heard;
  /** WAV of what was heard, 8 kHz mono, with 0.2 s around it and of the last 30 s at most; with `capture`. */
  audio?: Uint8Array;
}
