import type { LoadReport, LoadSample } from '../../lib/load';
import { translated, translationKey } from '../shared/localise';
import type { NodeStatus } from '../shared/status';
import { shortened } from '../shared/status-text';

/** The latest second of a run in a status: cases under way, starts per second, failures so far. */
export function sampleText({ running, started, seconds }: LoadSample, failed: number): string {
  const rate = Math.round(started / Math.max(1, seconds));
  return shortened(translated('brief.load', { running, rate, failed }));
}

/** Shows what came of a run. */
export function showReport(status: NodeStatus, { status: outcome, end, thresholds }: LoadReport): void {
  if (end.reason === 'interrupted') return status.rest('skipped', translationKey('brief.stopped'));
  if (outcome === 'passed') return status.rest('passed');
  if (outcome === 'not-judged') return status.rest('skipped', translationKey('brief.notJudged'));
  const missed = thresholds.filter(({ ok }) => !ok).length;
  if (end.reason === 'probe-failed') return status.rest('failed', translationKey('brief.probeFailed'));
  if (missed === 0) return status.rest('failed');
  status.rest('failed', shortened(translated('brief.thresholds', { missed, all: thresholds.length })));
}
