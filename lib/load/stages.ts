import { SipflowError } from '../common';

/** A stretch of a load run: calls at a rate, or a fixed number of calls at once. */
export type Stage = RateStage | CallsStage;

interface StageFrame {
  /** As it was written. */
  text: string;
  seconds: number;
  /** Its figures are kept apart and judged by nothing. */
  warmUp: boolean;
}

/** Starts by a schedule, whatever becomes of the calls (open loop). */
export interface RateStage extends StageFrame {
  kind: 'rate';
  /** Starts per second at the beginning and at the end; the same for a constant rate. */
  from: number;
  to: number;
}

/** So many cases at once: each that ends is followed by another one. */
export interface CallsStage extends StageFrame {
  kind: 'calls';
  calls: number;
}

/** Limits of a plan; far above what one machine does, far below what hurts. */
export const STAGE_LIMITS = {
  stages: 100,
  /** Starts per second. */
  rate: 100_000,
  calls: 100_000,
  /** Seconds of all stages together: 31 days. */
  seconds: 31 * 86_400,
} as const;

const MAX_LENGTH = 4000;
const NUMBER = String.raw`(\d+(?:\.\d+)?)`;
const RATE = String.raw`${NUMBER}\s*\/\s*(s|min|h)`;
const STAGE = new RegExp(
  String.raw`^(warm-up\s+)?(?:${RATE}(?:\s+to\s+${RATE})?|(\d+)\s+calls?)\s+for\s+(.+)$`,
  'i',
);
const PER_SECOND: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };
const DURATION = new RegExp(String.raw`^(?:${NUMBER}\s*(h|m|min|s)\s*)+$`, 'i');
const PART = new RegExp(String.raw`${NUMBER}\s*(h|m(?:in)?|s)`, 'gi');
const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, min: 60, s: 1 };

/**
 * Reads the stages of a load run: `10/s for 30s, 10/s to 100/s for 5m, 200 calls for 1h30m`. Rates may be given
 * per second, minute or hour (`30/min`), durations in h, m and s. A stage that begins with `warm-up` is not judged.
 *
 * @throws SipflowError BAD_CONFIG that names the stage and says what is wrong with it
 */
export function parseStages(text: string): Stage[] {
  if (text.length > MAX_LENGTH) throw fault('these stages', `they have more than ${MAX_LENGTH} characters`);
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length === 1 && parts[0] === '') throw fault('an empty text', 'say for example "10/s for 30s"');
  if (parts.length > STAGE_LIMITS.stages) {
    throw fault('these stages', `there are more than ${STAGE_LIMITS.stages}`);
  }
  const stages = parts.map(parseStage);
  if (stages.every((stage) => stage.warmUp)) {
    throw fault(`"${shown(text)}"`, 'all of it is warm-up, so that nothing would be judged');
  }
  const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  if (seconds > STAGE_LIMITS.seconds) throw fault(`"${shown(text)}"`, 'it takes longer than 31 days');
  return stages;
}

/** Seconds of a duration such as `90s`, `2m`, `1h30m`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text.trim())) return undefined;
  let seconds = 0;
  for (const [, number, unit] of text.matchAll(PART)) seconds += Number(number) * SECONDS[unit.toLowerCase()];
  return seconds;
}

function parseStage(text: string): Stage {
  const name = `"${shown(text)}"`;
  const match = STAGE.exec(text);
  if (!match) {
    throw fault(name, 'a stage is like "50/s for 2m", "10/s to 100/s for 5m" or "200 calls for 10m"');
  }
  const [, warmUp, from, fromUnit, to, toUnit, calls, duration] = match;
  const seconds = parseDuration(duration);
  if (seconds === undefined) throw fault(name, 'a duration is like 30s, 2m or 1h30m');
  if (seconds <= 0) throw fault(name, 'it takes no time');
  const frame: StageFrame = { text, seconds, warmUp: warmUp !== undefined };
  if (calls !== undefined) {
    const count = Number(calls);
    if (count < 1) throw fault(name, 'it has no calls');
    if (count > STAGE_LIMITS.calls) throw fault(name, `no more than ${STAGE_LIMITS.calls} calls at once`);
    return { ...frame, kind: 'calls', calls: count };
  }
  const begin = perSecond(from, fromUnit);
  const end = to === undefined ? begin : perSecond(to, toUnit);
  if (begin === 0 && end === 0) throw fault(name, 'it has no calls');
  if (Math.max(begin, end) > STAGE_LIMITS.rate) {
    throw fault(name, `no more than ${STAGE_LIMITS.rate} starts per second`);
  }
  return { ...frame, kind: 'rate', from: begin, to: end };
}

function perSecond(number: string, unit: string): number {
  return Number(number) / PER_SECOND[unit.toLowerCase()];
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function fault(what: string, why: string): SipflowError {
  return new SipflowError('BAD_CONFIG', `The stages cannot be read: ${what}: ${why}.`, { field: 'stages' });
}
