import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openResults, parseReport, readReport, reportJson, type Report } from '../../../lib/testing';
import { ResultsFile } from '../../../lib/testing/report/results-file';
import { writeWhole } from '../../../lib/testing/report/write-file';
import { attempt, failedAttempt, mixedReport, verdict } from './reports';

const HEAD = { startedAt: '2026-11-30T12:00:00.000Z', versions: { sipflow: '0.3.0' } };

describe('the results file of a run', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-results-'));
    file = join(folder, 'deep', 'results.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Writes all of a report as a run does. */
  async function run(report: Report, until = Infinity): Promise<void> {
    const results = await openResults(file, report);
    for (const each of report.verdicts.slice(0, until)) {
      for (const tried of each.attempts) await results.attempt(each, tried);
    }
    await results.close();
  }

  it('is the report of the run once that has ended', async () => {
    const whole = mixedReport();
    const results = await openResults(file, whole);
    for (const each of whole.verdicts) {
      for (const tried of each.attempts) await results.attempt(each, tried);
      await results.verdict(each);
    }
    await results.end(whole.durationMs);
    assert.deepEqual(await readReport(file), JSON.parse(reportJson(whole)));
  });

  it('has everything that had ended when the run was killed, also with a line that was cut off', async () => {
    const whole = mixedReport();
    await run(whole, 3);
    const lines = readFileSync(file, 'utf8').split('\n').length;
    assert.equal(lines, 7, 'a head, five attempts, and what follows the last line end');
    truncateSync(file, readFileSync(file).length - 300);
    const read = await readReport(file);
    assert.deepEqual(
      read.verdicts.map(({ title, status, attempts }) => [title, status, attempts.length]),
      [
        ['Busy', 'passed', 1],
        ['Busy', 'failed', 2],
        ['Transfer', 'failed', 1],
      ],
    );
    assert.equal(read.verdicts[1].reason?.code, 'CHECK');
    assert.equal(read.durationMs, 8_000);
  });

  it('tells of a retry that passed', async () => {
    const head = verdict();
    const results = await openResults(file, HEAD);
    await results.attempt(head, failedAttempt());
    await results.attempt(head, attempt());
    await results.close();
    assert.equal((await readReport(file)).verdicts[0].status, 'flaky');
  });

  it('stays readable when the disk is full, and every later call says so', async () => {
    const handle = await open(join(folder, 'results.jsonl'), 'w');
    let room = 2;
    const results = new ResultsFile(
      join(folder, 'results.jsonl'),
      {
        appendFile: (text) => {
          room -= 1;
          if (room >= 0) return handle.appendFile(text);
          return Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
        },
        datasync: () => handle.datasync(),
        close: () => handle.close(),
      },
      HEAD,
    );
    await results.attempt(verdict(), attempt());
    const full = {
      code: 'FILE_ACCESS',
      message: /results\.jsonl" cannot be written: the disk is full; make room/,
    };
    await assert.rejects(results.attempt(verdict(), attempt()), full);
    await assert.rejects(results.verdict(verdict()), full);
    await assert.rejects(results.end(1), full);
    assert.equal((await readReport(join(folder, 'results.jsonl'))).verdicts.length, 1);
  });

  it('cannot be where a folder is', async () => {
    await assert.rejects(openResults(folder, HEAD), { code: 'FILE_ACCESS', message: /it is a folder/ });
  });

  it('a report that cannot be written leaves the old one whole, and no draft', async () => {
    const target = join(folder, 'report.json');
    writeFileSync(target, 'old');
    function* parts(): Iterable<string> {
      yield 'new';
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    }
    await assert.rejects(writeWhole(target, parts()), { code: 'FILE_ACCESS', message: /disk is full/ });
    assert.equal(readFileSync(target, 'utf8'), 'old');
    await writeWhole(target, ['n', 'ew']);
    assert.equal(readFileSync(target, 'utf8'), 'new');
  });
});

describe('a report that is read', () => {
  const whole = JSON.parse(reportJson(mixedReport())) as Report;

  it('is the one that was written', () => {
    assert.deepEqual(parseReport(reportJson(mixedReport()), 'r').verdicts.length, 4);
  });

  const broken: [string, string, RegExp][] = [
    ['nothing', ' ', /"r\.json" is no report that can be read: it is empty/],
    ['no JSON', '{"format":', /it is no JSON/],
    ['something else', '{"a":1}', /its "format" is not "sipflow-report\/1"/],
    ['null', 'null', /its "format" is not/],
    ['a newer version', '{"format":"sipflow-report/2"}', /of a newer version/],
    ['no verdicts', JSON.stringify({ ...whole, verdicts: 7 }), /verdicts has to be a list, not 7/],
    [
      'an unknown status',
      JSON.stringify({ ...whole, verdicts: [{ ...whole.verdicts[0], status: 'green' }] }),
      /verdicts\[0\]\.status has to be passed or failed or flaky or skipped, not "green"/,
    ],
    [
      'a call without messages',
      JSON.stringify({
        ...whole,
        verdicts: [{ ...whole.verdicts[0], attempts: [{ ...whole.verdicts[0].attempts[0], calls: [{}] }] }],
      }),
      /verdicts\[0\]\.attempts\[0\]\.calls\[0\]\.ref has to be an object, not absent/,
    ],
    [
      'a line of results that is broken in the middle',
      `{"format":"sipflow-results/1","startedAt":"2026-11-30T12:00:00Z","versions":{}}\n{"kind":\n{"kind":"end","durationMs":1}\n`,
      /"line 2 of r\.json" is no report that can be read: it is no JSON/,
    ],
    [
      'a line of an unknown kind',
      `{"format":"sipflow-results/1","startedAt":"2026-11-30T12:00:00Z","versions":{}}\n{"kind":"toString"}\n`,
      /line 2 of r\.json.*its kind is not known/,
    ],
  ];
  for (const [name, text, message] of broken) {
    it(`says what is wrong: ${name}`, () => {
      assert.throws(() => parseReport(text, 'r.json'), { code: 'BAD_REPORT', message });
    });
  }

  it('that is not there says so', async () => {
    await assert.rejects(readReport('/no/such/report.json'), { code: 'FILE_NOT_FOUND' });
  });
});
