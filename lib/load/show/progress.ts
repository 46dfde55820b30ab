import { escapeTerminal } from '../../evidence';
import type { LoadPlan } from '../plan';
import type { LoadSample } from '../samples';
import { clockText, countText, figureText, numberText, shareText } from './figure-text';

/**
 * The latest second of a run in a line for a terminal: where it is, the rate, cases under way, what failed in that
 * second, the set-up time, and how the generator is.
 */
export function loadProgress(sample: LoadSample, { stages }: Pick<LoadPlan, 'stages'>): string {
  const { atMs, seconds, stage, started, running, failed, leftOut, setupP95Ms, lateP95Ms, loopBusy } = sample;
  const wholeMs = stages.reduce((sum, each) => sum + each.seconds, 0) * 1000;
  const rate = started / Math.max(1, seconds);
  return [
    `${clockText(atMs + seconds * 1000)} of ${clockText(wholeMs)}`,
    `stage ${stage + 1}/${stages.length} ${escapeTerminal(stages[stage]?.text ?? '')}`,
    `${numberText(rate)}/s`,
    `${countText(running)} running`,
    `${countText(failed)} failed`,
    ...(setupP95Ms === undefined ? [] : [`set-up p95 ${figureText(setupP95Ms, 'ms')}`]),
    ...(leftOut === 0 ? [] : [`${countText(leftOut)} left out`]),
    ...(lateP95Ms === undefined ? [] : [`late p95 ${figureText(lateP95Ms, 'ms')}`]),
    ...(loopBusy === undefined ? [] : [`loop ${shareText(loopBusy)}`]),
  ].join(' · ');
}
