import assert from 'node:assert/strict';
import {
  ctrfJson,
  junitXml,
  ListReporter,
  lostVerdict,
  withLostTries,
  type LostTry,
} from '../../lib/testing';
import { attempt, failedAttempt, report, verdict } from './report/reports';

const LOST: LostTry = {
  by: 'Worker b (host-2)',
  startedAt: '2026-11-30T11:59:40.000Z',
  noticedAt: '2026-11-30T11:59:52.000Z',
};

describe('tries of a test case whose worker was lost', () => {
  const passed = verdict({ status: 'passed', attempts: [attempt()] });

  it('leave a verdict alone when there are none', () => {
    assert.equal(withLostTries(passed, []), passed);
  });

  it('are attempts that failed before those of the verdict, which is flaky when it passed', () => {
    const { status, attempts, startedAt, durationMs } = withLostTries(passed, [LOST]);
    assert.equal(status, 'flaky');
    assert.equal(startedAt, LOST.startedAt);
    assert.equal(durationMs, Date.parse(passed.startedAt) - Date.parse(LOST.startedAt) + passed.durationMs);
    assert.deepEqual(
      attempts.map((each) => [each.test.attempt, each.status, each.reason?.code, each.durationMs]),
      [
        [1, 'failed', 'WORKER_LOST', 12_000],
        [2, 'passed', undefined, passed.attempts[0].durationMs],
      ],
    );
    assert.equal(attempts[0].reason?.message, 'Worker b (host-2) was lost while it ran this.');
    assert.equal(attempts[1].startedAt, passed.startedAt);
  });

  it('do not change what came of it otherwise', () => {
    const failed = verdict({ status: 'failed', attempts: [failedAttempt()] });
    assert.equal(withLostTries(failed, [LOST]).status, 'failed');
    const skipped = verdict({ status: 'skipped', attempts: [attempt({ status: 'skipped' })] });
    assert.equal(withLostTries(skipped, [LOST]).status, 'skipped');
  });

  it('fail it when there is no further one', () => {
    const left = { ...LOST, startedAt: LOST.noticedAt, noticedAt: '2026-11-30T12:00:00.000Z', left: true };
    const { status, reason, attempts, durationMs } = lostVerdict(passed, [LOST, left]);
    assert.deepEqual([status, attempts.length, durationMs], ['failed', 2, 20_000]);
    assert.match(reason?.message ?? '', /was told to end while it ran this/);
  });

  it('are marked in the list, in JUnit and in CTRF', () => {
    const all = report([withLostTries(passed, [LOST])]);
    let out = '';
    const list = new ListReporter({ out: { write: (text: string) => (out += text) } });
    list.ended('key', all.verdicts[0]);
    list.finish(all);
    assert.match(out, /± .*2 attempts/);
    assert.match(out, /is flaky\n\s+attempt 1: Worker b \(host-2\) was lost/);
    assert.match(junitXml(all), /<flakyFailure message="Worker b \(host-2\) was lost[^>]*type="WORKER_LOST"/);
    const [test] = (JSON.parse(ctrfJson(all)) as { results: { tests: Record<string, unknown>[] } }).results
      .tests;
    assert.deepEqual([test.status, test.flaky, test.retries], ['passed', true, 1]);
  });
});
