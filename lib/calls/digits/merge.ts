import type { DigitEvent } from '../types';

type Method = DigitEvent['method'];

/** A digit that was let through, and the methods that have reported it. */
interface Accepted {
  digit: string;
  startMs: number;
  endMs: number;
  methods: Set<Method>;
}

/**
 * How far apart two reports of one key press may be: media methods see the same sound, INFO takes its own way, and a
 * gateway may send its event when it has heard the whole tone that it let through.
 */
const MEDIA_MARGIN_MS = 100;
const INFO_MARGIN_MS = 500;
const EVENT_AFTER_TONE_MS = 500;
const MAX_REMEMBERED = 16;

/**
 * Takes out the second report of a key press that arrives by two methods, as when a gateway sends RFC 4733
 * events and lets the tone through as well. Two reports are one press when the digit is the same, the methods
 * differ, and their times (with a margin) overlap; each press absorbs one report of each method, so a digit
 * that is pressed twice is counted twice. The first report is let through at once.
 */
export class DigitMerge {
  #accepted: Accepted[] = [];

  /** Whether the digit is a press of its own. Reports come in the order in which they were found out. */
  accept(event: DigitEvent): boolean {
    const startMs = event.atMs;
    const endMs = event.atMs + event.durationMs;
    const known = this.#accepted.find(
      (press) =>
        press.digit === event.digit &&
        !press.methods.has(event.method) &&
        gap(press, { startMs, endMs }) <= margin(press.methods, event.method),
    );
    if (known) {
      known.methods.add(event.method);
      return false;
    }
    this.#accepted.push({ digit: event.digit, startMs, endMs, methods: new Set([event.method]) });
    if (this.#accepted.length > MAX_REMEMBERED) this.#accepted.shift();
    return true;
  }
}

/** Milliseconds between two spans; 0 when they overlap. */
function gap(a: { startMs: number; endMs: number }, b: { startMs: number; endMs: number }): number {
  return Math.max(0, a.startMs - b.endMs, b.startMs - a.endMs);
}

function margin(methods: ReadonlySet<Method>, method: Method): number {
  if (method === 'info' || methods.has('info')) return INFO_MARGIN_MS;
  return method === 'rfc4733' ? EVENT_AFTER_TONE_MS : MEDIA_MARGIN_MS;
}
