import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { loadReportHtml, parseThreshold, type LoadReport, type LoadSample } from '../../../lib/load';
import type { LoadPage } from '../../../lib/load/show/page/model';
import { EN } from '../../../lib/load/show/page/words-en';
import { KO } from '../../../lib/load/show/page/words-ko';
import { lineOf, topOf } from '../../../lib/page/time-chart';
import { loadFailure, loadReport } from './reports';

const HOSTILE = `<script>window.hit=1</script><img src=x onerror=hit()>"'&\u202e\u0000`;

/** The data that lie in a page. */
function dataOf(html: string): LoadPage {
  const text = /<script type="application\/json" id="load">(.*)<\/script>/.exec(html)?.[1];
  return JSON.parse(text ?? 'null') as LoadPage;
}

describe('the page of a load report', () => {
  it('lets only its own script and styles run, and loads nothing', async () => {
    const text = loadReportHtml(await loadReport('10/s for 2s'));
    const script = /<script>([^]*?)<\/script>/.exec(text)?.[1] ?? '';
    const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? '';
    const hash = (part: string): string => `'sha256-${createHash('sha256').update(part).digest('base64')}'`;
    assert.match(text, /content="default-src 'none'; script-src '/);
    assert.ok(text.includes(`script-src ${hash(script)};`));
    assert.ok(text.includes(`style-src ${hash(style)} '`));
    assert.doesNotMatch(style, /url\(|@import/);
    assert.deepEqual(text.match(/\b(src|href)="[^"]*"/g), null);
  });

  it('has figures, ratios, thresholds, the course and failed cases in its data', async () => {
    const thresholds = ['failed < 1%', 'p95 setup < 400 ms'].map(parseThreshold);
    const report = await loadReport('warm-up 10/s for 2s, 20/s for 5s', { thresholds });
    report.failures = [loadFailure(report, 3210, { stage: 1 })];
    const page = dataOf(loadReportHtml(report));
    assert.deepEqual(
      [page.title, page.status, page.counters.started, page.counters.failed],
      [report.plan.title, 'failed', 100, 10],
    );
    assert.deepEqual(page.ratios, { asr: 0.9, ner: 1, ser: 0.9, seer: 1 });
    assert.deepEqual(
      page.thresholds.map(({ text, ok }) => [text, ok]),
      [
        ['failed < 1%', false],
        ['p95 setup < 400 ms', true],
      ],
    );
    assert.deepEqual(
      page.stages.map(({ warmUp, beginMs, endMs, setupP95Ms }) => [
        warmUp,
        beginMs,
        endMs,
        Math.round(setupP95Ms ?? 0),
      ]),
      [
        [true, 0, 2000, 20],
        [false, 2000, 7000, 20],
      ],
    );
    assert.ok(page.samples.length >= 7);
    const [failure] = page.failures;
    assert.deepEqual([failure?.atMs, failure?.stage, failure?.cause], [3210, 1, 'CHECK_FAILED']);
    assert.ok(failure && failure.ladder.rows.length > 0 && failure.check);
  });

  it('has nothing of a hostile text outside of its data', async () => {
    const report = await loadReport('10/s for 2s', { cause: HOSTILE });
    const attempt = loadFailure(report, 0).attempt;
    const hostile: LoadReport = {
      ...report,
      end: { reason: 'aborted', message: HOSTILE },
      thresholds: [{ text: HOSTILE, ok: false, wanted: 1, unit: '%' }],
      failures: [
        loadFailure(report, 0, {
          cause: HOSTILE.repeat(99),
          attempt: { ...attempt, reason: { code: 'X', message: HOSTILE.repeat(99), atMs: 1 } },
        }),
      ],
    };
    const text = loadReportHtml(hostile, { title: HOSTILE });
    const outside = text
      .replace(/<script type="application\/json".*\n/g, '')
      .replace(/<(script|style)>[^]*?<\/\1>/g, '');
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(outside, /<script>window|<img|\u202e|\u0000/);
    const [failure] = dataOf(text).failures;
    assert.ok(failure && failure.cause.length <= 200 && (failure.reason?.message.length ?? 0) <= 2000);
  });

  it('is smaller than 5 MB after an hour with all the failures that a run keeps', async () => {
    const report = await loadReport('10/s for 2s');
    const sample: LoadSample = {
      ...{ atMs: 0, seconds: 2, stage: 0, started: 40, leftOut: 0, passed: 39, failed: 1, running: 1234 },
      ...{ setupP95Ms: 123.4567890123, lateP95Ms: 0.1234567890123, loopBusy: 0.1234567890123 },
    };
    report.samples = Array.from({ length: 1800 }, (_, index) => ({ ...sample, atMs: index * 2000 }));
    const failure = loadFailure(report, 0);
    const [call] = failure.attempt.calls;
    assert.ok(call);
    const [message] = call.messages;
    assert.ok(message);
    call.messages = Array.from({ length: 40 }, (_, index) => ({
      ...message,
      text: `${message.text}${String(index).repeat(4000)}`,
    }));
    report.failures = Array.from({ length: 60 }, () => failure);
    const text = loadReportHtml(report);
    assert.ok(text.length < 5_000_000, `${text.length} characters`);
    const { failures } = dataOf(text);
    assert.deepEqual([failures[0]?.withoutTexts, failures[59]?.withoutTexts], [undefined, true]);
  });

  it('has the same words in both languages', () => {
    const keys = (words: object): string[] =>
      Object.entries(words).flatMap(([key, value]) =>
        typeof value === 'object' ? keys(value as object).map((each) => `${key}.${each}`) : [key],
      );
    assert.deepEqual(keys(KO).sort(), keys(EN).sort());
  });
});

describe('a chart over time', () => {
  it('is as high as 1, 2 or 5 times a power of ten', () => {
    const high = (most: number, least = 1): number =>
      topOf({ least, series: [{ name: '', kind: '', values: [0, undefined, most] }] });
    assert.deepEqual(
      [0, 0.4, 1, 3, 12, 45, 90, 100, 101].map((most) => high(most)),
      [...[1, 1, 1, 5, 20, 50, 100, 100, 200]],
    );
    assert.equal(high(3, 100), 100);
  });

  it('has a gap where nothing is known, and a dot for a value alone', () => {
    const line = lineOf([1, 2, undefined, 3, undefined], [0, 1, 2, 3, 4], Number, Number);
    assert.equal(line, 'M0.0 1.0L1.0 2.0M3.0 3.0h0');
  });
});
