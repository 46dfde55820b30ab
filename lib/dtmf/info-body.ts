/** A digit as SIP INFO carries it. */
export interface InfoDigit {
  /** `0`–`9`, `*`, `#`, `A`–`D`, or `!` for a flash. */
  digit: string;
  durationMs: number;
}

const DEFAULT_DURATION_MS = 100;
const MAX_DURATION_MS = 10_000;

/**
 * Reads the body of an INFO: `application/dtmf-relay` (lines `Signal=5` and `Duration=160`) or
 * `application/dtmf` (the digit alone), as phones and servers write them; events 10–16 may be numbers.
 *
 * @returns undefined when it is no digit
 */
export function parseInfoBody(contentType: string, content: string): InfoDigit | undefined {
  const type = contentType.split(';', 1)[0].trim().toLowerCase();
  if (content.length > 256) return undefined;
  if (type === 'application/dtmf') return withDuration(content, undefined);
  if (type !== 'application/dtmf-relay') return undefined;
  const signal = /^\s*signal\s*=\s*(\S+)\s*$/im.exec(content)?.[1];
  const duration = /^\s*duration\s*=\s*(\d+)\s*$/im.exec(content)?.[1];
  return signal === undefined ? undefined : withDuration(signal, duration);
}

/** The body of an INFO that carries one digit (`application/dtmf-relay`). `digit` as in `InfoDigit`. */
export function writeInfoBody({ digit, durationMs }: InfoDigit): { contentType: string; content: string } {
  const signal = digit === '!' ? '16' : digit;
  return {
    contentType: 'application/dtmf-relay',
    content: `Signal=${signal}\r\nDuration=${Math.round(durationMs)}\r\n`,
  };
}

function withDuration(signal: string, duration: string | undefined): InfoDigit | undefined {
  const digit = digitOf(signal.trim().toUpperCase());
  if (digit === undefined) return undefined;
  const durationMs =
    duration === undefined ? DEFAULT_DURATION_MS : Math.min(Number(duration), MAX_DURATION_MS);
  return { digit, durationMs };
}

function digitOf(signal: string): string | undefined {
  if (/^[0-9*#A-D!]$/.test(signal)) return signal;
  return { '10': '*', '11': '#', '12': 'A', '13': 'B', '14': 'C', '15': 'D', '16': '!' }[signal];
}
