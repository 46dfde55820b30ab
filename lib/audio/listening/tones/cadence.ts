import type { ToneSegment } from '../../tones';
import { LONG_CYCLE_MS, type TonePattern } from './tone-patterns';

/** A tone that was heard, and the silence behind it. */
export interface HeardTone {
  startMs: number;
  endMs: number;
  frequencies: readonly number[];
  levelDbfs: number;
  /** It sounded already when the audio began, so that its length says little. */
  cut: boolean;
}

/** How a pattern fits what was heard. */
export interface CadenceFit {
  /** 0 (at the limits of what is accepted) to 1 (exactly so). */
  score: number;
  startMs: number;
}

/** Accepted differences of lengths: 12 % and 25 ms. E.180 lets exchanges differ by a tenth; the rest is for us. */
const LENGTH_PART = 0.12;
const LENGTH_MS = 25;
/** Accepted differences of frequencies, Hz and as a part: 425 Hz is not 440 Hz, but may be off by 12 Hz. */
const HZ = 8;
const HZ_PART = 0.01;
/** E.180 lets the frequencies of the special information tone differ by 50 Hz; Austria has 1450 and 1850 Hz. */
const SIT_HZ = 55;
/** A tone that shall go on for ever sounds longer than the longest ring. */
const FOR_EVER_MS = 2400;
/** The same for a tone that only a user's spelling has. */
const FOR_EVER_SPELLED_MS = 600;
/** Silence after a first ring that tells it from other tones, when any country will do. */
const EARLY_RING_MS = 1100;
/** Silence behind the third of the special information tones: an announcement follows within 300 ms. */
const EARLY_SIT_MS = 80;
/** A silence that still goes on is long enough with this part of its length. */
const ENOUGH_OF_SILENCE = 0.85;
/** What a silence counts that still goes on, as a part of the accepted difference. */
const NOT_OVER = 0.2;

/**
 * How well a cadence ends here.
 *
 * @param heard tones that have ended, oldest first.
 * @param sounding the tone that sounds now, if one does.
 * @param early a first ring is enough.
 */
export function fitCadence(
  pattern: TonePattern,
  heard: readonly HeardTone[],
  sounding: HeardTone | undefined,
  nowMs: number,
  early: boolean,
): CadenceFit | undefined {
  const { segments } = pattern;
  if (segments[0].onMs === Infinity) return fitForEver(pattern, sounding, nowMs);
  const wanted = pattern.cycleMs >= LONG_CYCLE_MS || segments.length > 1 ? segments.length : 2;
  let best: CadenceFit | undefined;
  // The special information tone begins with its first tone; of any other cadence every part may be the last.
  const lasts = pattern.kind === 'sit' ? [segments.length - 1] : segments.map((_, index) => index);
  for (const last of lasts) {
    const fit = fitFrom(pattern, wanted, last, heard, sounding, nowMs, early);
    if (fit && (!best || fit.score > best.score)) best = fit;
  }
  return best;
}

function fitForEver(
  pattern: TonePattern,
  sounding: HeardTone | undefined,
  nowMs: number,
): CadenceFit | undefined {
  const long = pattern.kind === 'other' ? FOR_EVER_SPELLED_MS : FOR_EVER_MS;
  if (!sounding || nowMs - sounding.startMs < long) return undefined;
  const off = frequencyDifference(pattern.segments[0], sounding.frequencies, limitOf(pattern));
  return off > 1 ? undefined : { score: 1 - off / 2, startMs: sounding.startMs };
}

/** Compares the last tones with the segments that end with `last`. */
function fitFrom(
  pattern: TonePattern,
  wanted: number,
  last: number,
  heard: readonly HeardTone[],
  sounding: HeardTone | undefined,
  nowMs: number,
  early: boolean,
): CadenceFit | undefined {
  const { segments } = pattern;
  if (heard.length < wanted) return undefined;
  let sum = 0;
  for (let back = 0; back < wanted; back++) {
    const index = heard.length - 1 - back;
    const tone = heard[index];
    const segment = segments[(last - back + wanted * segments.length) % segments.length];
    if (tone.cut) return undefined;
    const off = Math.max(
      frequencyDifference(segment, tone.frequencies, limitOf(pattern)),
      lengthDifference(tone.endMs - tone.startMs, segment.onMs),
      back === 0
        ? lastSilence(pattern, segment, tone, sounding, nowMs, early)
        : lengthDifference(heard[index + 1].startMs - tone.endMs, segment.offMs),
    );
    if (!(off <= 1)) return undefined;
    sum += off;
  }
  return { score: 1 - sum / wanted / 2, startMs: heard[heard.length - wanted].startMs };
}

/** The silence behind the last tone has ended, or it is long enough already. */
function lastSilence(
  pattern: TonePattern,
  { offMs }: ToneSegment,
  { endMs }: HeardTone,
  sounding: HeardTone | undefined,
  nowMs: number,
  early: boolean,
): number {
  if (sounding) return pattern.kind === 'sit' ? 2 : lengthDifference(sounding.startMs - endMs, offMs);
  const silence = nowMs - endMs;
  if (pattern.kind === 'sit') return silence >= EARLY_SIT_MS ? 0 : 2;
  if (silence >= offMs) return lengthDifference(silence, offMs);
  if (silence >= ENOUGH_OF_SILENCE * offMs) return NOT_OVER;
  const isRing = early && pattern.cycleMs >= LONG_CYCLE_MS && offMs > EARLY_RING_MS;
  return isRing && silence >= EARLY_RING_MS ? NOT_OVER : 2;
}

/** Difference of lengths as a part of what is accepted: more than 1 does not fit. */
function lengthDifference(ms: number, wantedMs: number): number {
  return Math.abs(ms - wantedMs) / (LENGTH_PART * wantedMs + LENGTH_MS);
}

function limitOf({ kind, name }: TonePattern): number {
  return kind === 'sit' && name === 'sit' ? SIT_HZ : 0;
}

/** Largest difference of frequencies as a part of what is accepted; more than 1 when a frequency is missing or too much. */
function frequencyDifference(
  { frequencies, modulationHz }: ToneSegment,
  heard: readonly number[],
  limitHz: number,
): number {
  let worst = 0;
  for (const hz of frequencies) worst = Math.max(worst, nearest(hz, heard, limitHz));
  for (const hz of heard) {
    const off = nearest(hz, frequencies, limitHz);
    const isSide = modulationHz !== undefined && Math.abs(hz - frequencies[0]) <= modulationHz + HZ;
    if (!isSide) worst = Math.max(worst, off);
  }
  return worst;
}

function nearest(hz: number, list: readonly number[], limitHz: number): number {
  let least = Infinity;
  for (const other of list) least = Math.min(least, Math.abs(other - hz));
  return least / (limitHz || HZ + HZ_PART * hz);
}
