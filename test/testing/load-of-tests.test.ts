import assert from 'node:assert/strict';
import { parseStages, parseThreshold, runLoad, type LoadRequest, type LoadSample } from '../../lib/load';
import { runChecks, Tests, type TestCase } from '../../lib/testing';
import { Phones, receive } from '../support/phones';

const NODE = { id: 'n1', name: 'Extension', type: 'sip-test-case' };

describe('a load of a test case', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  const tests = new Tests();

  /** A case that calls 1002, which checks that it is answered and hangs up. */
  async function extension(more: Partial<TestCase> = {}): Promise<TestCase> {
    const caller = await phones.phone('1001', { maxCalls: 1 });
    const act = async (id: string): Promise<void> => {
      const attempt = tests.attemptOf({ test: { type: 'sip-test', id } });
      const call = await attempt?.dial(caller, { target: '1002' });
      if (!call || !attempt) return;
      await call.outcome;
      const answered = { subject: 'answered', operator: 'is', value: true };
      const checks = await runChecks([answered], {
        calls: phones.world.calls,
        call: call.ref,
        node: NODE,
        attempt,
      });
      if (attempt.addChecks(checks, { stop: true }) === 'stopped') return;
      await call.hangup();
      attempt.end({ result: 'checks', node: NODE });
    };
    return {
      id: 'extension',
      title: 'Extension 1002 answers',
      tags: [],
      node: NODE,
      timeout: 10,
      retries: 3,
      rowsAtOnce: 1,
      sharedPhones: false,
      marks: true,
      phones: () => [caller],
      start: ({ id }) => void act(id),
      ...more,
    };
  }

  function planOf(stages: string, more: Partial<LoadRequest['plan']> = {}): LoadRequest['plan'] {
    return {
      stages: parseStages(stages),
      maxCalls: 50,
      rowsOrder: 'sequential',
      seed: 1,
      thresholds: [],
      abortRules: [],
      probe: false,
      shard: { index: 0, count: 1 },
      graceSeconds: 5,
      sources: 1,
      ...more,
    };
  }

  async function answering(): Promise<void> {
    receive(await phones.phone('1002', { maxCalls: 50 }), (call) => void call.answer());
  }

  it('starts attempts side by side on a phone that a run would hold alone, and counts what came of them', async () => {
    await answering();
    const samples: LoadSample[] = [];
    const plan = planOf('20/s for 1s', { thresholds: [parseThreshold('failed < 1%')], probe: true });
    const onSample = (sample: LoadSample): void => void samples.push(sample);
    const report = await runLoad({ tests, testCase: await extension(), plan, onSample });
    assert.equal(report.end.reason, 'completed');
    const { counters, distributions } = report.figures;
    assert.deepEqual([counters.started, counters.passed, counters.answered], [20, 20, 20]);
    assert.equal(distributions.setup.count, 20);
    assert.ok(distributions.setup.max < 1000);
    assert.equal(distributions['post-dial-delay'].count, 20);
    assert.equal(distributions.length.count, 20);
    assert.deepEqual([report.plan.title, report.failures], ['Extension 1002 answers', []]);
    const sampled = samples.reduce((sum, { started }) => sum + started, 0);
    assert.equal(sampled, 20, 'the last second is among them');
    assert.equal(tests.results.verdicts.length, 0, 'no verdict is kept');
  });

  it('keeps the messages of the first failures of a cause, and nothing of the others', async () => {
    receive(await phones.phone('1002'), (call) => void call.reject({ status: 503 }));
    const report = await runLoad({ tests, testCase: await extension(), plan: planOf('10/s for 1s') });
    assert.deepEqual(report.figures.causes, { CHECK_FAILED: 10 });
    assert.equal(report.failures.length, 3);
    const [{ attempt, cause }] = report.failures;
    assert.equal(cause, 'CHECK_FAILED');
    assert.match(attempt.calls[0].messages[0].text, /^INVITE /);
    assert.equal(report.figures.counters.seizures, 10);
    assert.equal(report.figures.counters.answered, 0);
  });

  it('gives each attempt the values of its row', async () => {
    await answering();
    const rows = [{ to: 'a' }, { to: 'b' }, { to: 'c' }];
    const got: unknown[] = [];
    const base = await extension();
    const start: TestCase['start'] = (test, row) => {
      got.push([test.row, row]);
      base.start(test, row);
    };
    const plan = planOf('3/s for 1s', { rowsOrder: 'unique' });
    await runLoad({ tests, testCase: { ...base, start }, plan, rows });
    assert.deepEqual(got, [
      [1, rows[0]],
      [2, rows[1]],
      [3, rows[2]],
    ]);
  });

  it('does not start when its first call fails, and says so', async () => {
    receive(await phones.phone('1002'), (call) => void call.reject({ status: 404 }));
    const plan = planOf('10/s for 60s', { probe: true });
    const report = await runLoad({ tests, testCase: await extension(), plan });
    assert.deepEqual([report.status, report.end.reason], ['failed', 'probe-failed']);
    assert.match(report.end.message ?? '', /CHECK_FAILED/);
    assert.equal(report.failures[0].probe, true);
    assert.equal(report.figures.counters.started, 0);
  });

  it('ends the calls that stand when it is interrupted, which have not failed', async () => {
    receive(await phones.phone('1002', { maxCalls: 50 }), () => undefined, { ring: true });
    const interruption = new AbortController();
    const { signal } = interruption;
    const plan = planOf('50/s for 60s');
    const onSample = (): void => interruption.abort();
    const report = await runLoad({ tests, testCase: await extension(), plan, signal, onSample });
    assert.equal(report.end.reason, 'interrupted');
    const { started, stopped, failed } = report.figures.counters;
    assert.ok(started > 10);
    assert.deepEqual([stopped, failed], [started, 0]);
  });

  it('refuses a case whose table is shorter than the run', async () => {
    const plan = planOf('10/s for 10s', { rowsOrder: 'unique' });
    await assert.rejects(
      runLoad({ tests, testCase: await extension(), plan, rows: [{ to: '1' }] }),
      /1 rows.*100 starts/,
    );
  });
});
