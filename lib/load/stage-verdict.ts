import type { LoadFigures } from './figures';
import { type GeneratorHealth, type LimitSign, limitSigns } from './health';

/** Who was the limit of a stage. */
export type StageVerdictKind = 'judged' | 'generator-limited' | 'per-source-limit-suspected';

export interface StageVerdict {
  kind: StageVerdictKind;
  /** Why it was not judged, or what is suspected; empty when it was judged. */
  reasons: LimitSign['message'][];
}

/** A second of a stage, for the search of a limit per source. */
export interface StageSecond {
  started: number;
  passed: number;
  failed: number;
}

/** Failures, of all cases, from which on a limit is looked for, 0 to 1. */
const FAILING = 0.01;
/** Of the time: an event loop that was less busy than this was idle. */
const IDLE = 0.6;
/** How much slower the set-up of a loaded system is, at least. */
const SLOWED = 1.5;
/** Spread of the passed cases per second, of their mean, up to which they are a constant rate. */
const CONSTANT = 0.15;
const LEAST_SECONDS = 5;

/** What a verdict is made of. */
export interface StageFacts {
  figures: LoadFigures;
  health: GeneratorHealth;
  /** Length of the stage, seconds. */
  seconds: number;
  /** Its full seconds in order. */
  course: readonly StageSecond[];
  /** 95th percentile of the set-up time of an earlier stage without failures, milliseconds. */
  calmSetupMs?: number;
  /** Failures for want of any response, of all failures, 0 to 1. */
  unansweredShare: number;
  /** Number of addresses that the calls came from. */
  sources: number;
}

/**
 * Who was the limit of a stage. A limit per source address is suspected where calls get no response at all from a certain
 * rate on, while those that pass are as fast as before and their number per second stays the same, and the generator has
 * little to do: a system that is full slows down or answers 503 first.
 */
export function judgeStage(facts: StageFacts): StageVerdict {
  const signs = limitSigns(facts.health, facts.seconds);
  if (signs.length > 0) return { kind: 'generator-limited', reasons: signs.map(({ message }) => message) };
  if (!looksPerSource(facts)) return { kind: 'judged', reasons: [] };
  const from = facts.sources > 1 ? `each of ${facts.sources} addresses` : 'one address';
  return {
    kind: 'per-source-limit-suspected',
    reasons: [
      `Calls from ${from} get no response at all beyond ${Math.round(mean(passed(facts.course)))} per second, while those that pass are as fast as before. Give further addresses of this machine with --source.`,
    ],
  };
}

function looksPerSource(facts: StageFacts): boolean {
  const { figures, health, course, calmSetupMs, unansweredShare } = facts;
  const ended = figures.counter('passed') + figures.counter('failed');
  if (ended === 0 || figures.counter('failed') / ended < FAILING) return false;
  if (unansweredShare < 0.9 || (health.loopBusy ?? 0) > IDLE) return false;
  const setupMs = figures.distribution('setup').quantile(0.95);
  if (setupMs === undefined || calmSetupMs === undefined || setupMs > SLOWED * calmSetupMs + 10) return false;
  const rates = passed(course);
  if (rates.length < LEAST_SECONDS) return false;
  const middle = mean(rates);
  const spread = Math.sqrt(mean(rates.map((rate) => (rate - middle) ** 2)));
  return middle > 0 && spread / middle < CONSTANT;
}

function passed(course: readonly StageSecond[]): number[] {
  return course.map((second) => second.passed);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
