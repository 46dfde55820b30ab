import { LoadRun, type LoadFailure, type LoadPlan, type LoadReport } from '../../../lib/load';
import { FakeClock } from '../../support/fake-clock';
import { evidence, failedAttempt } from '../../testing/report/reports';
import { answered, pass, planOf, PlayedHost, refused } from './support';

/** A run of these stages, of which every tenth case fails with this cause. */
export async function loadReport(
  stages: string,
  { cause = 'CALL_REJECTED', ...plan }: Partial<LoadPlan> & { cause?: string } = {},
): Promise<LoadReport> {
  const clock = new FakeClock();
  const host = new PlayedHost(clock, ({ number }) => ({
    afterMs: 20,
    outcome: number % 10 === 9 ? refused(486, cause) : answered(20),
  }));
  host.said = { loopBusy: 0.25 };
  let report: LoadReport | undefined;
  const run = new LoadRun(planOf(stages, plan), host, clock);
  void run.run().then((done) => (report = done));
  while (!report) await pass(clock, 1000);
  return report;
}

/** A failed case with a ladder, some seconds after its run began. */
export function loadFailure(
  report: LoadReport,
  afterMs: number,
  some: Partial<LoadFailure> = {},
): LoadFailure {
  const startedAt = new Date(Date.parse(report.startedAt) + afterMs).toISOString();
  const attempt = failedAttempt({ calls: [evidence({})], startedAt });
  return { cause: 'CHECK_FAILED', number: 1, stage: 0, probe: false, attempt, ...some };
}
