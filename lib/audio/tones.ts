import { SipflowError } from '../common';
import { NAMED_TONES, TONE_NAMES } from './country-tones';

/** A stretch of tone and the silence behind it. */
export interface ToneSegment {
  /** One to four frequencies in Hz that sound together. */
  readonly frequencies: readonly number[];
  /** Frequency in Hz by which the tone swells and fades wholly; undefined for a steady one. */
  readonly modulationHz?: number;
  /** Length of the tone in milliseconds; Infinity for a tone without cadence. */
  readonly onMs: number;
  /** Silence behind it in milliseconds. */
  readonly offMs: number;
}

/** A tone: its segments, repeated for ever. */
export type ToneSpec = readonly ToneSegment[];

const PREFIX = 'tone:';
const MAX_FREQUENCIES = 4;
const MAX_SEGMENTS = 32;
const MIN_HZ = 20;
const MAX_HZ = 20_000;
const MAX_MODULATION_HZ = 100;
const MAX_MS = 60_000;

/**
 * Reads a `tone:` source.
 *
 *     tone     = "tone:" ( name / segments )
 *     segments = segment *( ";" segment )            played in turn, then from the start
 *     segment  = sound [ "/" cadence ]
 *     sound    = Hz *3( "+" Hz ) / Hz "*" Hz         one to four frequencies at once, or one modulated by another
 *     cadence  = onMs "," offMs *( "," onMs "," offMs )
 *
 * `tone:440` sounds for ever; `tone:480+620/500,500` is half a second on and half a second off; several
 * segments need a cadence each; `tone:400*16` swells and fades sixteen times a second. Names are those of `NAMED_TONES`:
 * `tone:ringback-us`, `tone:busy-de`, …. Frequencies are 20–20000 Hz, of a modulation 1–100 Hz, times 0–60000 ms.
 * Case and blanks do not matter.
 *
 * @throws SipflowError BAD_AUDIO that says what is wrong with the spelling.
 */
export function parseTone(source: string): ToneSpec {
  const text = source.replace(/\s/g, '').toLowerCase();
  const body = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const spelled = Object.hasOwn(NAMED_TONES, body) ? NAMED_TONES[body] : body;
  if (/^[a-z]/.test(spelled)) {
    throw badTone(source, `there is no tone of that name; known are ${TONE_NAMES}`);
  }
  const parts = spelled.split(';');
  const segments = parts.flatMap((part) => parseSegment(part, parts.length > 1, source));
  if (segments.length > MAX_SEGMENTS) throw badTone(source, `it has more than ${MAX_SEGMENTS} parts`);
  if (segments.reduce((sum, { onMs, offMs }) => sum + onMs + offMs, 0) < 10) {
    throw badTone(source, 'its cadence is shorter than 10 ms');
  }
  return segments;
}

function parseSegment(part: string, needsCadence: boolean, source: string): ToneSegment[] {
  const [sound, cadence, ...rest] = part.split('/');
  if (rest.length > 0) throw badTone(source, 'a segment has at most one "/"');
  const tone = parseSound(sound, source);
  if (cadence === undefined) {
    if (needsCadence)
      throw badTone(source, 'every one of several segments needs a cadence, such as "/330,0"');
    return [{ ...tone, onMs: Infinity, offMs: 0 }];
  }
  const times = cadence.split(',').map((text) => number(text, source, 'time', 0, MAX_MS, 'ms'));
  if (times.length % 2 !== 0) throw badTone(source, 'a cadence is pairs of milliseconds on and off');
  return Array.from({ length: times.length / 2 }, (_, i) => ({
    ...tone,
    onMs: times[2 * i],
    offMs: times[2 * i + 1],
  }));
}

function parseSound(sound: string, source: string): Pick<ToneSegment, 'frequencies' | 'modulationHz'> {
  const [carriers, modulation, ...rest] = sound.split('*');
  const frequencies = carriers
    .split('+')
    .map((text) => number(text, source, 'frequency', MIN_HZ, MAX_HZ, 'Hz'));
  if (frequencies.length > MAX_FREQUENCIES) {
    throw badTone(source, `at most ${MAX_FREQUENCIES} frequencies sound at once`);
  }
  if (modulation === undefined) return { frequencies };
  if (frequencies.length > 1 || rest.length > 0)
    throw badTone(source, 'a modulated tone has one frequency and one modulation');
  return { frequencies, modulationHz: number(modulation, source, 'modulation', 1, MAX_MODULATION_HZ, 'Hz') };
}

function number(text: string, source: string, what: string, min: number, max: number, unit: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) {
    throw badTone(source, `"${text.slice(0, 20)}" is no ${what} from ${min} to ${max} ${unit}`);
  }
  return value;
}

function badTone(source: string, fact: string): SipflowError {
  return new SipflowError(
    'BAD_AUDIO',
    `"${source.slice(0, 60)}" is no tone: ${fact}. Write for example tone:440, tone:480+620/500,500 or tone:ringback-us.`,
  );
}
