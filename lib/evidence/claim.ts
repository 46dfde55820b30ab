/** What a check claimed and met, in the words of every view. */

/** Characters of a value in a line of text. */
const USUAL_LENGTH = 60;

/** Of a number; MOS and jitter are computed to fifteen. */
const SIGNIFICANT_DIGITS = 6;

/** The part of a check that can be said. */
export interface Claim {
  what: string;
  operator: string;
  wanted: unknown;
  got: unknown;
}

/** `codec is PCMU` */
export function claimText({ what, operator, wanted }: Omit<Claim, 'got'>, length = USUAL_LENGTH): string {
  const value = wanted === undefined || wanted === '' ? [] : [valueText(wanted, length)];
  return [what, operatorText(operator), ...value].join(' ');
}

/** `is not` of `isNot`. */
export function operatorText(operator: string): string {
  return operator.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A value as text: strings as they are, anything else as JSON, cut to `length` characters with `…` at the end. */
export function valueText(value: unknown, length = USUAL_LENGTH): string {
  const text = typeof value === 'string' ? value : jsonText(value);
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function jsonText(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(SIGNIFICANT_DIGITS)));
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value;
  }
}
