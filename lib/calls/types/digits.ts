import type { AudioSource } from '../../media';

export type DtmfMethod = 'auto' | 'rfc4733' | 'info' | 'inband';

export interface DigitEvent {
  digit: string;
  method: 'rfc4733' | 'info' | 'inband';
  /** Milliseconds since the call's media began. */
  atMs: number;
  durationMs: number;
}

/** `msg.dtmf` */
export interface DtmfResult {
  /** Never contains the terminator. */
  digits: string;
  method: 'rfc4733' | 'info' | 'inband' | null;
  reason: 'complete' | 'terminator' | 'pattern' | 'timeout' | 'invalid' | 'ended';
  events: DigitEvent[];
}

export interface GatherOptions {
  /** Forget digits that were pressed before. */
  flush?: boolean;
  minDigits?: number;
  /** 0 = no limit. */
  maxDigits?: number;
  /** Digits any of which ends the gather; '' = none. */
  terminator?: string;
  /** Regular expression; the gather completes as soon as the whole of the digits matches. */
  pattern?: string;
  firstDigitTimeout?: number;
  interDigitTimeout?: number;
  methods?: ('rfc4733' | 'info' | 'inband')[];
  /** Played first; the first-digit time-out begins when it has ended. */
  prompt?: AudioSource;
  /** Whether a key ends the prompt; otherwise it is played to its end, and keys that come meanwhile count. True. */
  bargeIn?: boolean;
  signal?: AbortSignal;
}

/** One choice of a menu. */
export interface MenuChoice {
  /** Keys (`1`, `12`, `*9`), or a regular expression of keys (`[1-4]`, `\d{4}`). */
  match: string;
  /** What it is called. */
  label?: string;
}

export interface MenuOptions {
  choices: readonly MenuChoice[];
  /** Played at each try. */
  prompt?: AudioSource;
  /** As for a gather. */
  bargeIn?: boolean;
  firstDigitTimeout?: number;
  interDigitTimeout?: number;
  /** How often it asks: 1 to 20; 3 when absent. */
  tries?: number;
  /** Played after a try in which no key was pressed. */
  noInputPrompt?: AudioSource;
  /** Played after a try with keys that are no choice. */
  invalidPrompt?: AudioSource;
  /** Keys that end the input. */
  terminator?: string;
  signal?: AbortSignal;
}

/** `msg.menu` */
export interface MenuResult {
  /** `match` of the choice that was made. */
  choice: string | null;
  label: string | null;
  /** Keys of the last try, without the terminator. */
  digits: string;
  /** How often it asked. */
  tries: number;
  reason: 'matched' | 'no-input' | 'invalid' | 'ended';
}

export interface SendDigitsOptions {
  digits: string;
  method?: DtmfMethod;
  toneMs?: number;
  gapMs?: number;
}
