import { SipflowError, toSipflowError, TurnoverMap } from '../../../lib/common';
import {
  type LoadReport,
  loadReportHtml,
  type LoadSample,
  parseStages,
  parseThreshold,
  type StageReport,
  type ThresholdResult,
} from '../../../lib/load';
import { localised, loadCase, runLoadCase, usualPlan } from '../../../nodes';
import { type Asked, bodyText, Document, languageOf, type Routes } from './routes';

/** A load of a case as the sidebar shows it. */
export interface LoadState {
  running: boolean;
  /** What it was started with; '' before the first one. */
  stages: string;
  expect: string;
  /** Its latest seconds. */
  samples: LoadSample[];
  /** Of all seconds so far. */
  failed: number;
  /** Why it could not run. */
  fault?: string;
  /** What came of it. */
  outcome?: {
    status: LoadReport['status'];
    message?: string;
    stages: Pick<StageReport, 'text' | 'verdict'>[];
    thresholds: ThresholdResult[];
  };
}

interface Load {
  state: LoadState;
  stop: AbortController;
  report?: LoadReport;
}

/** Seconds of a load that the sidebar draws. */
const MOST_SAMPLES = 300;
/** Cases whose latest load is remembered. */
const MOST_LOADS = 20;
/** Of a case that was never run as a load. */
const NONE: LoadState = { running: false, stages: '', expect: '', samples: [], failed: 0 };

/** Test cases as loads: starting and stopping them, their course, and their reports. */
export function serveLoads(routes: Routes, changed: () => void): void {
  /** The latest load of each case. */
  const loads = new TurnoverMap<string, Load>();

  routes.read('loads/:case', ({ params }) => loads.get(params.case)?.state ?? NONE);

  routes.write('loads/start', ({ body }) => {
    const id = bodyText(body, 'case');
    const [stages, expect] = [bodyText(body, 'stages'), bodyText(body, 'expect')];
    try {
      const testCase = loadCase(id);
      if (loads.get(id)?.state.running) throw new SipflowError('CALL_STATE', 'The load is running already.');
      const thresholds = expect.split(',').map((text) => text.trim());
      const plan = usualPlan(
        { stages: parseStages(stages), thresholds: thresholds.filter(Boolean).map(parseThreshold) },
        testCase,
      );
      const load: Load = {
        state: { ...NONE, running: true, stages, expect, samples: [] },
        stop: new AbortController(),
      };
      loads.delete(id);
      loads.set(id, load);
      if (loads.size > MOST_LOADS) loads.delete(loads.first()?.[0] ?? '');
      const onSample = (sample: LoadSample): void => {
        load.state.samples.push(sample);
        if (load.state.samples.length > MOST_SAMPLES) load.state.samples.shift();
        load.state.failed += sample.failed;
        changed();
      };
      void runLoadCase({ testCase, plan, signal: load.stop.signal, onSample })
        .then(
          (report) => ended(load, report),
          (error: unknown) => (load.state.fault = toSipflowError(error).message),
        )
        .finally(() => {
          load.state.running = false;
          changed();
        });
      changed();
    } catch (error) {
      throw localised(error);
    }
  });

  routes.write('loads/stop', ({ body }) => loads.get(bodyText(body, 'case'))?.stop.abort());

  routes.read('loads/:case/report', (asked: Asked) => {
    const report = loads.get(asked.params.case)?.report;
    if (!report)
      throw localised(new SipflowError('FILE_NOT_FOUND', 'There is no report of a load of this case.'));
    return new Document('text/html; charset=utf-8', loadReportHtml(report, { language: languageOf(asked) }));
  });
}

function ended(load: Load, report: LoadReport): void {
  load.report = report;
  const { status, end, stages, thresholds } = report;
  load.state.outcome = {
    status,
    ...(end.message === undefined ? {} : { message: end.message }),
    stages: stages.map(({ text, verdict }) => ({ text, verdict })),
    thresholds,
  };
}
