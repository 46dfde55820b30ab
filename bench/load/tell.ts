import type { LoadReport } from '../../lib/load';

/** Prints what came of each stage of a run. */
export function tell({ stages, end }: LoadReport): void {
  for (const { text, verdict, figures } of stages) {
    const { started, passed, failed, leftOut } = figures.counters;
    console.log(
      `${text}: ${started} started, ${passed} passed, ${failed} failed, ${leftOut} left out; ${verdict.kind} ${verdict.reasons.join(' ')}`,
    );
  }
  if (end.reason !== 'completed') console.log(end.message ?? end.reason);
}
