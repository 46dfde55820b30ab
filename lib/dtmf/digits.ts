import { SipflowError } from '../common';

/** Pause of a `,` in a digit string, in milliseconds. */
export const PAUSE_MS = 500;
/** Longest digit string that is sent in one go. */
export const MAX_DIGITS = 1000;

/** Event codes of RFC 4733 table 3 in order; a flash is event 16 and written `!`. */
const EVENT_DIGITS = '0123456789*#ABCD!';

/**
 * Checks a string of digits to send and brings it into its one spelling: upper-case `A`–`D`, no blanks and
 * no visual separators (`-`, `.`, `(`, `)`), which people paste along with numbers.
 *
 * Allowed are `0`–`9`, `*`, `#`, `A`–`D`, `,` (a pause of 500 ms) and `!` (flash).
 *
 * @throws SipflowError BAD_DIGITS naming the first character that cannot be sent.
 */
export function normaliseDigits(text: string): string {
  const digits = text.replace(/[\s().-]/g, '').toUpperCase();
  if (digits === '') {
    throw new SipflowError('BAD_DIGITS', 'There are no digits to send; enter at least one of 0-9 * # A-D.');
  }
  if (digits.length > MAX_DIGITS) {
    throw new SipflowError(
      'BAD_DIGITS',
      `${digits.length} digits are too many to send at once; send at most ${MAX_DIGITS}.`,
    );
  }
  const wrong = /[^0-9*#A-D,!]/u.exec(digits);
  if (wrong) {
    throw new SipflowError(
      'BAD_DIGITS',
      `"${wrong[0]}" in "${shortened(text)}" is no DTMF digit; use 0-9 * # A-D, "," for a pause of ${PAUSE_MS} ms or "!" for a flash.`,
    );
  }
  return digits;
}

/** The event code of RFC 4733 for a digit (`0`–`9 * # A`–`D !`), or undefined for anything else. */
export function eventOfDigit(digit: string): number | undefined {
  const event = digit.length === 1 ? EVENT_DIGITS.indexOf(digit) : -1;
  return event === -1 ? undefined : event;
}

/** The digit of an event code, or undefined for events that are neither DTMF (0–15) nor flash (16). */
export function digitOfEvent(event: number): string | undefined {
  return EVENT_DIGITS[event];
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
