import { SipflowError } from '../common';

/** A stretch of tone and the silence behind it. */
export interface ToneSegment {
  /** One to four frequencies in Hz that sound together. */
  readonly frequencies: readonly number[];
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
const MAX_MS = 60_000;

/** Call progress tones of ITU-T E.180 Supplement 2, spelled in the grammar of `parseTone`. */
export const NAMED_TONES: Readonly<Record<string, string>> = {
  'dial-us': '350+440',
  'ringback-us': '440+480/2000,4000',
  'busy-us': '480+620/500,500',
  'congestion-us': '480+620/250,250',
  'dial-uk': '350+440',
  'ringback-uk': '400+450/400,200,400,2000',
  'busy-uk': '400/375,375',
  'congestion-uk': '400/400,350,225,525',
  'dial-de': '425',
  'ringback-de': '425/1000,4000',
  'busy-de': '425/480,480',
  'congestion-de': '425/240,240',
  'dial-fr': '440',
  'ringback-fr': '440/1500,3500',
  'busy-fr': '440/500,500',
  'congestion-fr': '440/250,250',
  'dial-kr': '350+440',
  'ringback-kr': '440+480/1000,2000',
  'busy-kr': '480+620/500,500',
  'congestion-kr': '480+620/300,200',
  sit: '950/330,0;1400/330,0;1800/330,1000',
};

/**
 * Reads a `tone:` source.
 *
 *     tone     = "tone:" ( name / segments )
 *     segments = segment *( ";" segment )            played in turn, then from the start
 *     segment  = Hz *3( "+" Hz ) [ "/" cadence ]     one to four frequencies at once
 *     cadence  = onMs "," offMs *( "," onMs "," offMs )
 *
 * `tone:440` sounds for ever; `tone:480+620/500,500` is half a second on and half a second off; several
 * segments need a cadence each. Names are those of `NAMED_TONES`: `tone:ringback-us`, `tone:busy-de`, ….
 * Frequencies are 20–20000 Hz, times 0–60000 ms. Case and blanks do not matter.
 *
 * @throws SipflowError BAD_AUDIO that says what is wrong with the spelling.
 */
export function parseTone(source: string): ToneSpec {
  const text = source.replace(/\s/g, '').toLowerCase();
  const body = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const spelled = Object.hasOwn(NAMED_TONES, body) ? NAMED_TONES[body] : body;
  if (/^[a-z]/.test(spelled)) {
    throw badTone(source, `there is no tone of that name; known are ${Object.keys(NAMED_TONES).join(', ')}`);
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
  const frequencies = sound.split('+').map((text) => number(text, source, 'frequency', MIN_HZ, MAX_HZ, 'Hz'));
  if (frequencies.length > MAX_FREQUENCIES) {
    throw badTone(source, `at most ${MAX_FREQUENCIES} frequencies sound at once`);
  }
  if (cadence === undefined) {
    if (needsCadence)
      throw badTone(source, 'every one of several segments needs a cadence, such as "/330,0"');
    return [{ frequencies, onMs: Infinity, offMs: 0 }];
  }
  const times = cadence.split(',').map((text) => number(text, source, 'time', 0, MAX_MS, 'ms'));
  if (times.length % 2 !== 0) throw badTone(source, 'a cadence is pairs of milliseconds on and off');
  return Array.from({ length: times.length / 2 }, (_, i) => ({
    frequencies,
    onMs: times[2 * i],
    offMs: times[2 * i + 1],
  }));
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
