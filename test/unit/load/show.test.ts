import assert from 'node:assert/strict';
import {
  loadProgress,
  loadReportHtml,
  loadSummary,
  lostReport,
  parseThreshold,
  type LoadReport,
} from '../../../lib/load';
import { loadReport } from './reports';
import { planOf } from './support';

/** A run of 4 s in which every tenth case fails with this cause. */
function reportOf(cause: string): Promise<LoadReport> {
  const thresholds = ['failed < 1 %', 'p95 setup < 400 ms', 'mean mos >= 4'].map(parseThreshold);
  return loadReport('warm-up 10/s for 2s, 20/s for 2s', { thresholds, cause });
}

describe('a load report in a terminal', () => {
  it('tells stages, figures, failures by cause, and thresholds with what was got', async () => {
    const text = loadSummary(await reportOf('CALL_REJECTED'), { colour: false });
    const lines = text.split('\n').map((line) => line.trim());
    assert.match(lines[0], /^✗ failed · .*40 started · 36 passed · 4 failed$/);
    for (const line of [
      '· warm-up 10/s for 2s · 20 started · 2 failed · 9/s passed · set-up p95 20 ms · judged',
      '· 20/s for 2s · 40 started · 4 failed · 18/s passed · set-up p95 20 ms · judged',
      'calls        40 placed · ASR 90 % · NER 100 % · SER 90 % · SEER 100 %',
      'set-up       p50 20 ms · p95 20 ms · p99 20 ms · max 20 ms',
      '4 × CALL_REJECTED',
      '✗ failed < 1 %        got 10 %',
      '✓ p95 setup < 400 ms  got 20 ms',
      '✗ mean mos >= 4       nothing to measure',
    ]) {
      assert.ok(lines.includes(line), `${line}\nis not in\n${text}`);
    }
    assert.ok(!text.includes('\u001b'));
  });

  it('tells of a ramp how many the system took when it took no more', async () => {
    const report = await loadReport('100/s for 10s');
    const samples = report.samples.map((sample, second) => {
      const passed = Math.min(50, 10 * second);
      return { ...sample, passed, failed: 10 * second - passed };
    });
    assert.match(loadSummary({ ...report, samples }, { colour: false }), / failed · 50\/s passed · /);
  });

  it('has colours where they are wanted', async () => {
    assert.ok(loadSummary(await reportOf('486'), { colour: true }).startsWith('\u001b[31m✗ failed\u001b[0m'));
  });

  it('says why a stage was not judged, and why a run ended', async () => {
    const report = await reportOf('486');
    const [warmUp, stage] = report.stages;
    const reasons = ['1 in 100 starts was more than 80 ms late (limit 50 ms).'];
    const limited: LoadReport = {
      ...report,
      status: 'not-judged',
      end: { reason: 'aborted', message: '"failed < 5%" was not met: 10.' },
      stages: [warmUp, { ...stage, verdict: { kind: 'generator-limited', reasons } }],
    };
    const text = loadSummary(limited, { colour: false });
    assert.match(text, /^! not judged: the generator was the limit · /);
    assert.match(text, /\n"failed < 5%" was not met: 10\.\n/);
    assert.match(text, /! 20\/s for 2s .* generator-limited\n +1 in 100 starts was more than 80 ms late/);
  });

  it('says of a run that is not judged whether a part of it was lost, and of a stage that nothing started', async () => {
    const report = await loadReport('10/s for 10s');
    const lost = lostReport(report, 200, 'Node-RED ended unexpectedly.');
    assert.match(loadSummary(lost, { colour: false }), /^! not judged: a part of the load was lost · /);
    assert.match(loadReportHtml(lost), /<p>Not judged: a part of the load was lost<\/p>/);
    const [stage] = report.stages;
    const counters = { ...stage.figures.counters, started: 0 };
    const empty = { ...stage, figures: { ...stage.figures, counters } };
    const text = loadSummary({ ...report, stages: [empty] }, { colour: false });
    assert.match(text, /· 10\/s for 10s · nothing started\n/);
  });

  it('lets no control character of the network through', async () => {
    const hostile = 'x\u001b[2J\u202e\r\n';
    const report = await reportOf(hostile);
    const text = loadSummary({ ...report, end: { reason: 'aborted', message: hostile } }, { colour: false });
    // eslint-disable-next-line no-control-regex
    assert.ok(!/[\u0000-\u0009\u000b-\u001f\u202e]/.test(text), JSON.stringify(text));
  });
});

describe('the live line of a load run', () => {
  const { stages } = planOf('10/s for 30s, 50/s for 2m');
  const sample = {
    atMs: 44_000,
    seconds: 1,
    stage: 1,
    started: 49,
    leftOut: 0,
    passed: 48,
    failed: 1,
    running: 1212,
  };

  it('tells where the run is, its rate, what runs and what fails', () => {
    assert.equal(
      loadProgress(sample, { stages }),
      '0:45 of 2:30 · stage 2/2 50/s for 2m · 49/s · 1,212 running · 1 failed',
    );
  });

  it('tells what the generator says of itself', () => {
    const more = { ...sample, leftOut: 2, setupP95Ms: 1234, lateP95Ms: 0.42, loopBusy: 0.337 };
    assert.equal(
      loadProgress(more, { stages }),
      '0:45 of 2:30 · stage 2/2 50/s for 2m · 49/s · 1,212 running · 1 failed · set-up p95 1.23 s · 2 left out · late p95 0.42 ms · loop 33.7 %',
    );
  });
});
