import { SipflowError } from '../../../common';
import {
  COUNTRY_TONES,
  NAMED_TONES,
  PROGRESS_KINDS,
  TONE_NAMES,
  type ProgressKind,
} from '../../country-tones';
import { parseTone, type ToneSegment } from '../../tones';

/** A tone that is waited for: its frequencies and its cadence. */
export interface TonePattern {
  /** `busy-us`, `sit-vc`, or the spelling of the user. */
  readonly name: string;
  readonly kind: ProgressKind | 'sit' | 'other';
  /** Tones and the silence behind each; one without end when the first is `Infinity`. */
  readonly segments: readonly ToneSegment[];
  /** Length of the whole cadence, ms. */
  readonly cycleMs: number;
}

/** What a listener waits for. */
export type WantedTone =
  /** Any steady tone. */
  | { what: 'any' }
  /** One short tone of one frequency, which has ended. */
  | { what: 'beep' }
  /** A tone of this frequency, Hz. */
  | { what: 'frequency'; hz: number }
  /** A cadence; `early`: the first ring is enough, since any country will do. */
  | { what: 'patterns'; patterns: readonly TonePattern[]; early: boolean };

/** Two frequencies at once can be told apart from speech. */
const MAX_FREQUENCIES = 2;
/** Busy has tones of this length and more in most countries, congestion shorter ones; a tenth apart from each other. */
const SHORTEST_BUSY_MS = 310;
const LONGEST_CONGESTION_MS = 260;
/** Korea has longer tones of congestion, with short pauses. */
const SHORT_CYCLE_MS = 510;
/** From this length on a cadence is heard once, and below it twice. */
export const LONG_CYCLE_MS = 2400;

/** Special information tones of North America: frequencies and lengths tell why a call failed. The third is always the same. */
const LOW_HIGH = [
  [913.8, 985.2],
  [1370.6, 1428.5],
] as const;
const SHORT_LONG = [274, 380] as const;
const THIRD = '1776.7/380,1000';
/** Per class: is the first tone high, is it long; is the second high, is it long. */
const SIT_CLASSES: Readonly<Record<string, readonly [number, number, number, number][]>> = {
  /** Intercept: the number has changed or is out of service. */
  'sit-ic': [[0, 0, 0, 0]],
  /** Vacant code: there is no such number. */
  'sit-vc': [[1, 1, 0, 0]],
  /** Reorder: the call failed on its way. */
  'sit-ro': [
    [0, 0, 1, 1],
    [1, 0, 0, 1],
  ],
  /** No circuit. */
  'sit-nc': [
    [1, 1, 1, 1],
    [0, 1, 0, 1],
  ],
};

const FAX: Readonly<Record<string, string>> = { cng: '1100/500,3000', ced: '2100/3000,75' };

const all: readonly TonePattern[] = [
  ...Object.entries(COUNTRY_TONES).flatMap(([country, tones]) =>
    PROGRESS_KINDS.map((kind) => patternOf(`${kind}-${country}`, kind, tones[kind])),
  ),
  ...sitPatterns(),
];

/**
 * Reads what a user wants to hear:
 *
 *     wanted = ""                        any steady tone
 *            / "progress"                any call-progress tone of any country
 *            / kind                      "dial" / "ringback" / "busy" / "congestion" / "reorder" / "sit"
 *            / kind "-" country          "busy-us", …: the names of `tone:` sources; "sit-ic" / "sit-vc" / "sit-ro" / "sit-nc"
 *            / "beep" / "cng" / "ced"
 *            / Hz                        "1004"
 *            / any spelling of a `tone:` source, with or without "tone:", of up to two frequencies at once
 *
 * @throws SipflowError BAD_AUDIO that says what is wrong with it.
 */
export function parseWantedTone(text: string): WantedTone {
  const wanted = text
    .replace(/\s/g, '')
    .toLowerCase()
    .replace(/^tone:/, '')
    .replace(/^reorder/, 'congestion');
  if (wanted === '') return { what: 'any' };
  if (wanted === 'beep') return { what: 'beep' };
  if (wanted === 'progress') return patterns(all, true);
  if (wanted === 'sit')
    return patterns(
      all.filter(({ kind }) => kind === 'sit'),
      true,
    );
  const kind = PROGRESS_KINDS.find((name) => name === wanted);
  if (kind)
    return patterns(
      all.filter((pattern) => pattern.kind === kind && isUsual(pattern)),
      true,
    );
  const named = all.filter(({ name }) => name === wanted);
  if (named.length > 0) return patterns(named, false);
  if (Object.hasOwn(FAX, wanted)) return patterns([patternOf(wanted, 'other', FAX[wanted])], true);
  return spelled(wanted, text);
}

function spelled(wanted: string, text: string): WantedTone {
  if (/^[a-z]/.test(wanted) && !Object.hasOwn(NAMED_TONES, wanted)) {
    throw new SipflowError(
      'BAD_AUDIO',
      `"${text.slice(0, 60)}" is no tone to listen for: write beep, progress, cng, ced, ${TONE_NAMES}, a frequency such as 1004, or a cadence such as 480+620/500,500.`,
    );
  }
  const pattern = patternOf(text.trim().slice(0, 60), 'other', wanted);
  if (pattern.segments.some(({ frequencies }) => frequencies.length > MAX_FREQUENCIES)) {
    throw new SipflowError(
      'BAD_AUDIO',
      `"${text.slice(0, 60)}" has more than two frequencies at once: such a tone can be played, but not listened for.`,
    );
  }
  const [{ frequencies, onMs, modulationHz }] = pattern.segments;
  if (onMs === Infinity && frequencies.length === 1 && modulationHz === undefined) {
    return { what: 'frequency', hz: frequencies[0] };
  }
  return patterns([pattern], false);
}

function patterns(list: readonly TonePattern[], early: boolean): WantedTone {
  return { what: 'patterns', patterns: list, early };
}

/** Whether a tone of this cadence has this meaning in most countries: 425 Hz, 250 ms on and off is busy in Brazil only. */
export function isUsual({ kind, cycleMs, segments }: TonePattern): boolean {
  if (kind === 'busy') return segments.every(({ onMs }) => onMs >= SHORTEST_BUSY_MS);
  if (kind !== 'congestion') return true;
  return cycleMs <= SHORT_CYCLE_MS || segments.some(({ onMs }) => onMs <= LONGEST_CONGESTION_MS);
}

function patternOf(name: string, kind: TonePattern['kind'], text: string): TonePattern {
  const segments = parseTone(text);
  return { name, kind, segments, cycleMs: segments.reduce((sum, { onMs, offMs }) => sum + onMs + offMs, 0) };
}

function sitPatterns(): TonePattern[] {
  const classes = Object.entries(SIT_CLASSES).flatMap(([name, variants]) =>
    variants.map(([high, long, secondHigh, secondLong]) =>
      patternOf(
        name,
        'sit',
        `${LOW_HIGH[0][high]}/${SHORT_LONG[long]},0;${LOW_HIGH[1][secondHigh]}/${SHORT_LONG[secondLong]},0;${THIRD}`,
      ),
    ),
  );
  return [patternOf('sit', 'sit', NAMED_TONES.sit), ...classes];
}
