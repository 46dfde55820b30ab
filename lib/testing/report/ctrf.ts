import { createHash } from 'node:crypto';
import type { Attempt, Report, Step, Verdict } from '../types';
import { startOf } from './attempt-ladder';
import { causeLine, causeLines, filesOf } from './cause-text';
import { suitesOf } from './junit';
import { causeOf, firstCause, nodeName, summaryOf, titleOf } from './summary';

export interface CtrfOptions {
  /** Path under which a reader finds a file of the report; the one in the report when absent. */
  link?: (file: string) => string;
}

/** Of the schema at github.com/ctrf-io/ctrf. */
const SPEC_VERSION = '1.0.0';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  pcap: 'application/vnd.tcpdump.pcap',
  svg: 'image/svg+xml',
  txt: 'text/plain',
};

/** A report in the Common Test Report Format (JSON). A flaky verdict is a passed test there, with `flaky` set. */
export function ctrfJson(report: Report, { link = (file) => file }: CtrfOptions = {}): string {
  const { total, passed, failed, flaky, skipped } = summaryOf(report.verdicts);
  const start = Date.parse(report.startedAt);
  const { sipflow, 'node-red': nodeRed, node } = report.versions;
  return `${JSON.stringify({
    reportFormat: 'CTRF',
    specVersion: SPEC_VERSION,
    timestamp: new Date(start + report.durationMs).toISOString(),
    generatedBy: 'sipflow',
    results: {
      tool: { name: 'sipflow', ...(sipflow ? { version: sipflow } : {}), extra: { nodeRed, node } },
      summary: {
        tests: total,
        passed: passed + flaky,
        failed,
        skipped,
        pending: 0,
        other: 0,
        flaky,
        suites: suitesOf(report.verdicts).length,
        start: Math.round(start),
        stop: Math.round(start + report.durationMs),
        duration: Math.round(report.durationMs),
      },
      tests: report.verdicts.map((verdict) => testOf(verdict, link)),
    },
  })}\n`;
}

function testOf(verdict: Verdict, link: (file: string) => string): object {
  const cause = firstCause(verdict);
  const start = Math.round(Date.parse(verdict.startedAt));
  const last = verdict.attempts.at(-1);
  return {
    id: stableId(`${verdict.file ?? ''}\n${verdict.case}\n${verdict.row ?? ''}`),
    // The schema wants a name of one character at least.
    name: titleOf(verdict) || 'test',
    status: verdict.status === 'flaky' ? 'passed' : verdict.status,
    rawStatus: verdict.status,
    duration: Math.round(verdict.durationMs),
    start,
    stop: start + Math.round(verdict.durationMs),
    suite: [verdict.file || 'sipflow'],
    ...(verdict.file ? { filePath: verdict.file } : {}),
    ...(cause ? { message: causeLine(cause), trace: causeLines(cause).join('\n') } : {}),
    tags: verdict.tags,
    type: 'e2e',
    flaky: verdict.status === 'flaky',
    retries: Math.max(0, verdict.attempts.length - 1),
    ...(verdict.attempts.length > 1
      ? { retryAttempts: verdict.attempts.map((attempt, index) => attemptOf(verdict, attempt, index, link)) }
      : {}),
    attachments: last ? attachmentsOf(last, link) : [],
    ...(verdict.rowValues ? { parameters: verdict.rowValues } : {}),
    steps: (last?.steps ?? []).map((step) => ({ name: stepName(step), status: stepStatus(step, last) })),
  };
}

function attemptOf(
  verdict: Verdict,
  attempt: Attempt,
  index: number,
  link: (file: string) => string,
): object {
  const cause = causeOf(attempt);
  const start = Math.round(startOf(verdict, attempt));
  return {
    attempt: index + 1,
    status: attempt.status,
    duration: Math.round(attempt.durationMs),
    start,
    stop: start + Math.round(attempt.durationMs),
    ...(cause ? { message: causeLine(cause), trace: causeLines(cause).join('\n') } : {}),
    attachments: attachmentsOf(attempt, link),
  };
}

function attachmentsOf(attempt: Attempt, link: (file: string) => string): object[] {
  return filesOf(attempt).map(({ file, title }) => ({
    name: title,
    contentType:
      CONTENT_TYPES[file.slice(file.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream',
    path: link(file),
  }));
}

function stepName(step: Step): string {
  return `${nodeName(step.node)}: ${step.outcome}`;
}

/** The step at which the attempt failed is the failed one. */
function stepStatus(step: Step, attempt: Attempt | undefined): 'passed' | 'failed' {
  const cause = attempt && causeOf(attempt);
  const failing = attempt?.steps.findLast(({ node }) => node.id === cause?.node?.id);
  return attempt?.status === 'failed' && failing === step ? 'failed' : 'passed';
}

/** The same UUID for the same test case and row in every run (RFC 9562, 5.8). */
function stableId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex').slice(0, 32);
  const variant = ((parseInt(hex[16], 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}
