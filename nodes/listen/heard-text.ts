import type { Heard, ListenReport } from '../../lib/calls';
import { shortened } from '../shared/status-text';

/** What was heard, in a line for reports: `welcome, score 0.98, after 840 ms (±20 ms)`. */
export function heardText({ reason, heard }: ListenReport): string {
  const { what, reference, score, latencyMs, latencyErrorMs = 0, missingStartMs = 0, gapsMs = 0 } = heard;
  const parts = [reference ?? what];
  if (reason === 'heard' && reference !== undefined) parts.push(`score ${score}`);
  if (latencyMs !== undefined) parts.push(`after ${latencyMs} ms (±${latencyErrorMs} ms)`);
  if (reason === 'heard') {
    if (missingStartMs > 0) parts.push(`without its first ${missingStartMs} ms`);
    if (gapsMs > 0) parts.push(`with gaps of ${gapsMs} ms`);
    return parts.join(', ');
  }
  if (what !== 'silence') parts.splice(1, 0, `for ${seconds(heard.endMs - heard.startMs)}`);
  const { nearest } = heard;
  if (nearest) {
    const length = seconds(nearest.endMs - nearest.startMs);
    parts.push(`most like ${nearest.reference} (score ${nearest.score}, ${length})`);
  }
  return `not heard; instead ${parts.join(', ')}`;
}

/** The same for the status of a node. */
export function statusText(heard: Heard | undefined): string | undefined {
  if (!heard) return undefined;
  const name = heard.reference ?? heard.what;
  return shortened(heard.latencyMs === undefined ? name : `${name} ${heard.latencyMs} ms`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
