export type MediaDigitMethod = 'rfc4733' | 'inband';

/** A digit that the peer pressed. `atMs` is counted from the session's start. */
export interface ReceivedDigit {
  /** `0`–`9`, `*`, `#`, `A`–`D`, or `!` for a flash. */
  digit: string;
  method: MediaDigitMethod;
  atMs: number;
  durationMs: number;
}

export interface SendDigitsRequest {
  /** `0-9 * # A-D`, `,` = 500 ms pause, `!` = flash; validated by the caller. */
  digits: string;
  method: MediaDigitMethod;
  toneMs: number;
  gapMs: number;
}
