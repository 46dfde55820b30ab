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
  signal?: AbortSignal;
}

export interface SendDigitsOptions {
  digits: string;
  method?: DtmfMethod;
  toneMs?: number;
  gapMs?: number;
}
