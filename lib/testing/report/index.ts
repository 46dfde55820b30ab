/** Reports of runs: the results file, reading, merging, and the views of a report. */
export { ladderOfAttempt } from './attempt-ladder';
export { ctrfJson, type CtrfOptions } from './ctrf';
export { htmlReport, type HtmlOptions } from './html/html-report';
export { junitXml, type JunitOptions } from './junit';
export { ListReporter, type ListEnd, type ListOptions, type RunningCase } from './list';
export type { Terminal } from './live-lines';
export { mergeReports } from './merge';
export { parseReport, readReport, reportJson } from './read-report';
export { mergeFiles, relocated, withFiles } from './relocate';
export { openResults, type ResultsFile, type ResultsHead, type VerdictHead } from './results-file';
export { firstCause, summaryOf, type FirstCause, type ReportSummary } from './summary';
export { writeWhole } from './write-file';
export { VIEW_FILES, writeView, type ViewName, type ViewOptions } from './views';
