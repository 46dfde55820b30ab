import { escapeXml, ladderText } from '../../evidence';
import type { Report, Verdict } from '../types';
import { ladderOfAttempt } from './attempt-ladder';
import { causeLine, causeLines, earlierFailures, filesOf, seconds, stepLine } from './cause-text';
import { firstCause, summaryOf, titleOf, type FirstCause } from './summary';

export interface JunitOptions {
  /** Path under which a reader finds a file of the report; the one in the report when absent. */
  link?: (file: string) => string;
}

/** Name of the suite of test cases whose file is not known. */
const NO_FILE = 'sipflow';

/**
 * A report as JUnit XML: a suite for each file, a test case for each row. The shape is that of Maven Surefire, whose
 * `flakyFailure` and `rerunFailure` keep what was tried before; files are named as `[[ATTACHMENT|path]]`, which
 * Jenkins and GitLab know.
 */
export function junitXml(report: Report, { link = (file) => file }: JunitOptions = {}): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sipflow"${counts(report.verdicts)} time="${seconds(report.durationMs)}">`,
    ...suitesOf(report.verdicts).flatMap(([file, verdicts]) => suite(file, verdicts, report, link)),
    '</testsuites>',
    '',
  ].join('\n');
}

/** The verdicts of each file, in the order in which files appear. */
export function suitesOf(verdicts: readonly Verdict[]): [string, Verdict[]][] {
  const suites = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const name = verdict.file || NO_FILE;
    const suite = suites.get(name);
    if (suite) suite.push(verdict);
    else suites.set(name, [verdict]);
  }
  return [...suites];
}

function suite(
  file: string,
  verdicts: readonly Verdict[],
  { versions }: Report,
  link: (file: string) => string,
): string[] {
  const ms = verdicts.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const [{ startedAt }] = verdicts;
  return [
    `<testsuite${attribute('name', file)}${counts(verdicts)} time="${seconds(ms)}"${attribute('timestamp', startedAt)}>`,
    '<properties>',
    ...Object.entries(versions).map(
      ([name, version]) => `<property${attribute('name', name)}${attribute('value', version)}/>`,
    ),
    '</properties>',
    ...verdicts.flatMap((verdict) => testCase(verdict, file, link)),
    '</testsuite>',
  ];
}

function counts(verdicts: readonly Verdict[]): string {
  const { total, failed, skipped } = summaryOf(verdicts);
  return ` tests="${total}" failures="${failed}" errors="0" skipped="${skipped}"`;
}

function testCase(verdict: Verdict, file: string, link: (file: string) => string): string[] {
  const cause = firstCause(verdict);
  const place = `${attribute('classname', className(file))}${attribute('file', file)}`;
  return [
    `<testcase${attribute('name', titleOf(verdict))}${place} time="${seconds(verdict.durationMs)}">`,
    ...(verdict.status === 'failed' ? [failure(verdict, cause)] : []),
    ...earlier(verdict),
    ...(verdict.status === 'skipped'
      ? [`<skipped${attribute('message', (verdict.reason ?? cause)?.message ?? '')}/>`]
      : []),
    `<system-out>${content(outputOf(verdict, link).join('\n'))}</system-out>`,
    '</testcase>',
  ];
}

function failure(verdict: Verdict, cause: FirstCause | undefined): string {
  const { code = 'UNKNOWN', message = '' } = verdict.reason ?? {};
  if (!cause) return `<failure${attribute('message', message)}${attribute('type', code)}/>`;
  const head = `${attribute('message', causeLine(cause))}${attribute('type', cause.code)}`;
  return `<failure${head}>${content(causeLines(cause).join('\n'))}</failure>`;
}

function earlier(verdict: Verdict): string[] {
  const element = verdict.status === 'failed' ? 'rerunFailure' : 'flakyFailure';
  return earlierFailures(verdict).map(({ cause }) => {
    const head = `${attribute('message', causeLine(cause))}${attribute('type', cause.code)}`;
    return `<${element}${head}><stackTrace>${content(causeLines(cause).join('\n'))}</stackTrace></${element}>`;
  });
}

/** Steps and, where it failed, the ladder of the last attempt; then the files of all attempts, each in a line alone. */
function outputOf(verdict: Verdict, link: (file: string) => string): string[] {
  const last = verdict.attempts.at(-1);
  const isFailed = verdict.status === 'failed';
  return [
    ...(last?.steps ?? []).map(stepLine),
    ...(last && isFailed && last.calls.length > 0 ? ['', ladderText(ladderOfAttempt(verdict, last))] : []),
    ...verdict.attempts.flatMap(filesOf).map(({ file }) => `[[ATTACHMENT|${link(file)}]]`),
  ];
}

/** `flows.regression` of `flows/regression.json`: readers take what is before the last dot for a package. */
function className(file: string): string {
  return file
    .replace(/\.json$/i, '')
    .replaceAll('.', '_')
    .split(/[\\/]+/)
    .filter((part) => part !== '' && part !== '_' && part !== '__')
    .join('.');
}

/** Line ends of an attribute would become blanks. */
function attribute(name: string, text: string): string {
  return ` ${name}="${escapeXml(text).replace(/[\t\n\r]/g, (mark) => `&#${mark.charCodeAt(0)};`)}"`;
}

/** A bare CR would become a line end. */
function content(text: string): string {
  return escapeXml(text).replaceAll('\r', '&#13;');
}
