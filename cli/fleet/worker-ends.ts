import type { LoadReport, SliceLedger, WorkerEnd } from '../../lib/load';
import type { Member } from './crew';

/** What a run knows at its end. */
export interface RunEnd {
  readonly ledger: SliceLedger;
  /** When it ended before its plan was over, milliseconds since its beginning. */
  readonly endedMs: number | undefined;
}

/** What came of a worker, and what was lost with it. @param report the last that it told */
export function workerEnd(
  { name, state, slot }: Member,
  report: LoadReport | undefined,
  { ledger, endedMs }: RunEnd,
): WorkerEnd {
  const { host, offsetMs } = state;
  const isFinished = state.phase === 'done' && report !== undefined;
  const isStopped = isFinished && endedMs !== undefined;
  const lostStarts = isStopped ? 0 : ledger.lost(slot, report, endedMs);
  const lostCallSeconds = isFinished
    ? 0
    : ledger.missingCallSeconds(slot, report?.durationMs ?? 0, endedMs ?? Infinity);
  const why = (state.sentence ?? 'it was gone before the end').replace(/\.$/, '');
  const kept =
    lostCallSeconds > 0
      ? ` Calls that it was to keep up were missing for ${Math.round(lostCallSeconds)} call-seconds, until others did its part.`
      : '';
  return {
    name,
    host,
    state: isFinished ? 'finished' : 'lost',
    clockOffsetMs: Math.round(offsetMs),
    report,
    lostStarts,
    lostCallSeconds,
    ...(isFinished ? {} : { message: `Worker ${name} (${host}) was lost: ${why}.${kept}` }),
  };
}
