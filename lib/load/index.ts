/** Load: a test case many times by a schedule, its figures, and who was the limit. */
export {
  LoadFigures,
  DISTRIBUTIONS,
  type CounterName,
  type DistributionName,
  type FiguresData,
} from './figures';
export { casesWithinLimit, descriptorFault } from './generator/descriptors';
export { GeneratorWatch, type SystemFiles } from './generator/generator-watch';
export { HEALTH_LIMITS, limitSigns, type GeneratorHealth, type LimitSign } from './health';
export type { LoadHost, LoadStart } from './host';
export { HISTOGRAM_ERROR, LogHistogram, type HistogramData } from './histogram';
export type { LoadCall, LoadOutcome } from './outcome';
export { assertPlan, type LoadPlan } from './plan';
export {
  lostReport,
  mergeLoadReports,
  shardName,
  type LoadEnd,
  type LoadReport,
  type LoadStatus,
  type StageReport,
} from './report';
export { isLoadReport, parseLoadReport } from './read-report';
export { ROWS_ORDERS, type RowsOrder } from './rows';
export type { LoadFailure } from './kept-failures';
export { runLoad, type LoadRequest } from './test-host';
export { LoadRun } from './run';
export { addedSamples, type LoadSample } from './samples';
export { loadReportHtml, type LoadHtmlOptions } from './show/html-report';
export { loadProgress } from './show/progress';
export { loadSummary, type LoadSummaryOptions } from './show/summary';
export { emptyLoadReport } from './run-report';
export { fleetReport, type HeldBack, type LoadWorker, type WorkerEnd } from './fleet-report';
export { SliceLedger, type GivenSlice } from './slice-ledger';
export { callSecondsOf, countOfSlice, lengthOfRun, type LoadSlice } from './slices';
export { callsOfShard, startsOfShard, totalStarts, type Shard } from './schedule';
export { sessionRatios, type SessionRatios } from './session-ratios';
export { parseDuration, parseStages, STAGE_LIMITS, type Stage } from './stages';
export { usualCalls } from './usual-calls';
export type { StageVerdict, StageVerdictKind } from './stage-verdict';
export {
  judgeThreshold,
  parseThreshold,
  THRESHOLD_FIGURES,
  type Threshold,
  type ThresholdResult,
} from './thresholds';
