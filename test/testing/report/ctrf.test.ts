import assert from 'node:assert/strict';
import { ctrfJson, type Report } from '../../../lib/testing';
import { attempt, evidence, failedAttempt, hostileReport, mixedReport, report, verdict } from './reports';

interface Ctrf {
  reportFormat: string;
  specVersion: string;
  results: { tool: object; summary: Record<string, number>; tests: Record<string, unknown>[] };
}

const STATUS = /^(passed|failed|skipped|pending|other)$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The members that the schema (1.0, `additionalProperties: false`) knows, of those that are written. */
const MEMBERS: Record<string, Record<string, (value: unknown) => boolean>> = {
  test: {
    id: (value) => UUID.test(String(value)),
    name: (value) => typeof value === 'string' && value.length > 0,
    status: (value) => STATUS.test(String(value)),
    duration: Number.isInteger,
    start: Number.isInteger,
    stop: Number.isInteger,
    suite: (value) => isListOf(value, (each) => typeof each === 'string') && (value as string[]).length > 0,
    message: isText,
    trace: isText,
    rawStatus: isText,
    tags: (value) => isListOf(value, isText),
    type: isText,
    filePath: isText,
    retries: Number.isInteger,
    retryAttempts: (value) => isListOf(value, (each) => faults('attempt', each).length === 0),
    flaky: (value) => typeof value === 'boolean',
    attachments: (value) => isListOf(value, (each) => faults('attachment', each).length === 0),
    parameters: (value) => typeof value === 'object' && value !== null,
    steps: (value) => isListOf(value, (each) => faults('step', each).length === 0),
  },
  attempt: {
    attempt: (value) => Number.isInteger(value) && (value as number) >= 1,
    status: (value) => STATUS.test(String(value)),
    duration: Number.isInteger,
    message: isText,
    trace: isText,
    start: Number.isInteger,
    stop: Number.isInteger,
    attachments: (value) => isListOf(value, (each) => faults('attachment', each).length === 0),
  },
  attachment: { name: isText, contentType: isText, path: isText },
  step: { name: isText, status: (value) => STATUS.test(String(value)) },
};

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isListOf(value: unknown, rule: (each: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(rule);
}

function faults(kind: string, value: unknown): string[] {
  return Object.entries(value as object)
    .filter(([key, each]) => !(Object.hasOwn(MEMBERS[kind], key) && MEMBERS[kind][key](each)))
    .map(([key, each]) => `${kind}.${key} = ${JSON.stringify(each)?.slice(0, 80)}`);
}

function read(source: Report): Ctrf {
  const ctrf = JSON.parse(ctrfJson(source, { link: (file) => `out/${file}` })) as Ctrf;
  assert.deepEqual(Object.keys(ctrf).sort(), [
    'generatedBy',
    'reportFormat',
    'results',
    'specVersion',
    'timestamp',
  ]);
  assert.deepEqual(Object.keys(ctrf.results).sort(), ['summary', 'tests', 'tool']);
  assert.ok(Object.values(ctrf.results.summary).every(Number.isInteger));
  assert.deepEqual(
    ctrf.results.tests.flatMap((test) => faults('test', test)),
    [],
  );
  return ctrf;
}

describe('CTRF', () => {
  it('counts as the schema does: flaky tests have passed', () => {
    const { reportFormat, specVersion, results } = read(mixedReport());
    assert.deepEqual([reportFormat, specVersion], ['CTRF', '1.0.0']);
    const { tests, passed, failed, skipped, pending, other, flaky, suites, duration } = results.summary;
    assert.deepEqual(
      { tests, passed, failed, skipped, pending, other, flaky, suites, duration },
      {
        tests: 4,
        passed: 2,
        failed: 1,
        skipped: 1,
        pending: 0,
        other: 0,
        flaky: 1,
        suites: 2,
        duration: 12_345,
      },
    );
    assert.equal(results.summary.stop - results.summary.start, 12_345);
  });

  it('has the cause, the attempts and the row of a test', () => {
    const [, failed, flaky] = read(mixedReport()).results.tests;
    assert.equal(failed.message, 'codec is G722. (codec is PCMU, got G722)');
    assert.deepEqual(failed.parameters, { number: '1002' });
    const long = mixedReport();
    const attempt = long.verdicts[1]?.attempts.at(-1);
    const seen = attempt?.checks.find(({ ok }) => !ok);
    if (!attempt?.reason || !seen) throw new Error('a failed check is missing');
    seen.got = 'G722'.repeat(100);
    attempt.reason.message = `Expected codec is PCMU, got ${'G722'.repeat(50)}….`;
    assert.equal(read(long).results.tests[1].message, attempt.reason.message, 'said once');
    assert.deepEqual(
      [flaky.flaky, flaky.retries, flaky.status, flaky.rawStatus],
      [true, 1, 'passed', 'flaky'],
    );
    assert.deepEqual(
      (flaky.retryAttempts as { attempt: number; status: string }[]).map(({ attempt: n, status }) => [
        n,
        status,
      ]),
      [
        [1, 'failed'],
        [2, 'passed'],
      ],
    );
  });

  it('names files with their type, and the step that failed', () => {
    const calls = [evidence({ recordings: ['a.wav'], pcap: 'b.pcap' })];
    const [test] = read(report([verdict({ attempts: [failedAttempt({ calls })] })])).results.tests;
    assert.deepEqual(test.attachments, [
      { name: 'a.wav', contentType: 'audio/wav', path: 'out/a.wav' },
      { name: 'b.pcap', contentType: 'application/vnd.tcpdump.pcap', path: 'out/b.pcap' },
    ]);
  });

  it('knows a test case and its row by the same id in every run', () => {
    const ids = (row: number): unknown[] =>
      read(report([verdict({ row, attempts: [attempt()] })])).results.tests.map(({ id }) => id);
    assert.deepEqual(ids(1), ids(1));
    assert.notDeepEqual(ids(1), ids(2));
  });

  it('keeps to the schema whatever the texts are', () => {
    assert.equal(read(hostileReport()).results.tests.length, 10);
    read(report([verdict({ title: '', case: '', attempts: [] })]));
  });
});
