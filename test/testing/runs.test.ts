import assert from 'node:assert/strict';
import { TEST_LIMITS, Tests, type TestCase } from '../../lib/testing';
import { check, END, FakePhone, NODE, TestBench } from './support/bench-of-tests';

describe('a run of a test case', () => {
  let bench: TestBench;
  beforeEach(() => {
    bench = new TestBench();
  });
  afterEach(() => assert.equal(bench.clock.pending, 0));

  /** Ends each attempt as it begins: passed, or failed. */
  function ending(passes: (row: object | undefined, attempt: number) => boolean): Partial<TestCase> {
    return {
      start: (test, row) => {
        const attempt = bench.tests.attemptOf({ test });
        attempt?.addChecks([check(passes(row, test.attempt))], { stop: true });
        attempt?.end({ result: 'checks', node: END });
      },
    };
  }

  it('has one verdict without a table', async () => {
    const verdicts = await bench.tests.run(bench.case(ending(() => true))).finished;
    assert.equal(verdicts.length, 1);
    const [verdict] = verdicts;
    assert.equal(verdict.format, 'sipflow-verdict/1');
    assert.deepEqual([verdict.case, verdict.title, verdict.tags], ['menu', 'The menu answers', ['ivr']]);
    assert.equal(verdict.startedAt, new Date(bench.clock.wallNow()).toISOString());
    assert.equal('row' in verdict, false);
    assert.equal('row' in verdict.attempts[0].test, false);
  });

  it('has a verdict for each row, in their order, as it comes', async () => {
    const rows = [{ number: '1001' }, { number: '1002' }, { number: '1003' }];
    const run = bench.tests.run(bench.case(ending((row) => row !== rows[1])), { rows, seed: 7 });
    const told: unknown[] = [];
    run.on('verdict', ({ row, status }) => told.push([row, status]));
    const verdicts = await run.finished;
    assert.deepEqual(told, [
      [1, 'passed'],
      [2, 'failed'],
      [3, 'passed'],
    ]);
    assert.deepEqual(verdicts[1].rowValues, rows[1]);
    assert.deepEqual([verdicts[1].seed, verdicts[1].attempts[0].test.row], [7, 2]);
    assert.deepEqual(run.progress, { rows: 3, done: 3 });
  });

  it('runs the rows that are wanted, which keep their numbers', async () => {
    const rows = [{ number: '1001' }, { number: '1002' }, { number: '1003' }];
    const run = bench.tests.run(bench.case(ending(() => true)), { rows, only: (row) => row !== 2 });
    const verdicts = await run.finished;
    assert.deepEqual(
      verdicts.map(({ row, rowValues }) => [row, rowValues]),
      [
        [1, rows[0]],
        [3, rows[2]],
      ],
    );
    assert.deepEqual(run.progress, { rows: 2, done: 2 });
    const none = bench.tests.run(bench.case(ending(() => true)), { only: (row) => row !== undefined });
    assert.deepEqual(await none.finished, []);
  });

  it('begins no other row after a failure when it shall be fast', async () => {
    const rows = [{ good: true }, { good: false }, { good: true }];
    const testCase = bench.case(ending((row) => (row as { good: boolean }).good));
    const verdicts = await bench.tests.run(testCase, { rows, failFast: true }).finished;
    assert.deepEqual(
      verdicts.map(({ status }) => status),
      ['passed', 'failed'],
    );
  });

  it('is flaky when a retry passes, and has the reason of the first failure', async () => {
    const [verdict] = await bench.tests.run(
      bench.case({ ...ending((_, attempt) => attempt === 3), retries: 5 }),
    ).finished;
    assert.equal(verdict.status, 'flaky');
    assert.equal(verdict.reason?.code, 'CHECK_FAILED');
    assert.deepEqual(
      verdict.attempts.map(({ status, test }) => [test.attempt, status]),
      [
        [1, 'failed'],
        [2, 'failed'],
        [3, 'passed'],
      ],
    );
  });

  it('has failed when no retry passes; what is skipped is not tried again', async () => {
    const [failed] = await bench.tests.run(bench.case({ ...ending(() => false), retries: 2 })).finished;
    assert.deepEqual([failed.status, failed.attempts.length], ['failed', 3]);
    const skip = (test: unknown): void =>
      void bench.tests.attemptOf({ test })?.end({ result: 'skipped', node: END });
    const [skipped] = await bench.tests.run(bench.case({ start: skip, retries: 2 })).finished;
    assert.deepEqual([skipped.status, skipped.attempts.length], ['skipped', 1]);
  });

  it('takes retries and time-out of the settings before those of the case', async () => {
    bench.tests.settings = { retries: 1, timeout: 5 };
    const run = bench.tests.run(bench.case({ retries: 7, timeout: 60 }));
    for (let n = 0; n < 2; n++) {
      await bench.settle();
      bench.clock.advance(5_000);
    }
    const [verdict] = await run.finished;
    assert.equal(verdict.attempts.length, 2);
    assert.match(verdict.reason?.message ?? '', /within 5 s/);
  });

  it('runs as many rows at once as it may', async () => {
    const rows = Array.from({ length: 7 }, (_, n) => ({ n }));
    const run = bench.tests.run(bench.case({ rowsAtOnce: 3, sharedPhones: true }), { rows });
    await bench.settle();
    assert.equal(bench.begun.length, 3);
    const [, second] = bench.begun;
    bench.tests.attemptOf({ test: second })?.end({ result: 'checks', node: END });
    await bench.settle();
    assert.deepEqual(
      bench.begun.map(({ row }) => row),
      [1, 2, 3, 4],
    );
    run.stop();
    const verdicts = await run.finished;
    assert.deepEqual(
      verdicts.map(({ row, status, reason }) => [row, status, reason?.code]),
      [
        [1, 'failed', 'STOPPED'],
        [2, 'passed', 'NO_CHECKS'],
        [3, 'failed', 'STOPPED'],
        [4, 'failed', 'STOPPED'],
      ],
    );
  });

  it('refuses rows at once without shared phones, and values that make no sense', () => {
    for (const [overrides, field] of [
      [{ rowsAtOnce: 2 }, 'rowsAtOnce'],
      [{ rowsAtOnce: 0 }, 'rowsAtOnce'],
      [{ timeout: 0 }, 'timeout'],
      [{ timeout: NaN }, 'timeout'],
      [{ retries: -1 }, 'retries'],
      [{ tags: 'ivr' }, 'tags'],
    ] as const) {
      const wrong = bench.case(overrides as unknown as Partial<TestCase>);
      assert.throws(() => bench.tests.run(wrong), { code: 'BAD_CONFIG', field });
      assert.throws(() => bench.tests.define(wrong), { code: 'BAD_CONFIG', field });
    }
  });

  it('refuses rows that are no table', () => {
    const many = Array.from({ length: TEST_LIMITS.rows + 1 }, () => ({}));
    for (const rows of [null, 'a,b', 7, {}, [], [{ a: 1 }, 'b'], [[1, 2]], [null], many]) {
      assert.throws(() => bench.tests.run(bench.case(), { rows }), { code: 'BAD_CONFIG', field: 'rows' });
    }
  });

  it('stops by its signal, and by one that had aborted before', async () => {
    const stopping = new AbortController();
    const run = bench.tests.run(bench.case(), { signal: stopping.signal, rows: [{}, {}] });
    await bench.settle();
    stopping.abort();
    const verdicts = await run.finished;
    assert.deepEqual(
      verdicts.map(({ reason }) => reason?.code),
      ['STOPPED'],
    );
    assert.deepEqual(await bench.tests.run(bench.case(), { signal: stopping.signal }).finished, []);
  });

  it('has no verdict for an attempt that is stopped before it has its phones', async () => {
    const phone = new FakePhone('p');
    const first = bench.tests.run(bench.case({ phones: () => [phone.asPhone()] }));
    const second = bench.tests.run(bench.case({ phones: () => [phone.asPhone()] }));
    await bench.settle();
    second.stop();
    assert.deepEqual(await second.finished, []);
    assert.equal(bench.attempts.length, 0);
    first.stop();
    assert.equal((await first.finished).length, 1);
  });

  it('fails when its phones cannot be had', async () => {
    const phones = (): never => {
      throw Object.assign(new Error('The phone 1001 is stopped.'), { code: 'INSTANCE_NOT_READY' });
    };
    const [verdict] = await bench.tests.run(bench.case({ phones })).finished;
    assert.deepEqual([verdict.status, verdict.reason?.code], ['failed', 'INSTANCE_NOT_READY']);
  });

  it('ends with its test case', async () => {
    const testCase = bench.case();
    const remove = bench.tests.define(testCase);
    const run = bench.tests.run(testCase);
    await bench.settle();
    remove();
    const [verdict] = await run.finished;
    assert.equal(verdict.reason?.message, 'The test case is gone.');
    assert.deepEqual(bench.tests.cases, []);
  });
});

describe('the tests of a process', () => {
  it('know their cases, and start one by its id', async () => {
    const tests = new Tests();
    let told = 0;
    tests.on('cases', () => (told += 1));
    const bench = new TestBench();
    const first = tests.define(bench.case({ id: 'a', trigger: () => Promise.resolve([]) }));
    const again = tests.define(bench.case({ id: 'a', title: 'Anew' }));
    first();
    assert.deepEqual(
      tests.cases.map(({ title }) => title),
      ['Anew'],
      'one that was replaced takes nothing away',
    );
    await assert.rejects(tests.trigger('a'), { code: 'BAD_CONFIG' });
    await assert.rejects(tests.trigger('nothing'), { code: 'BAD_CONFIG', message: /"nothing"/ });
    again();
    assert.deepEqual([tests.cases, told], [[], 3]);
  });

  it('keep the latest 200 verdicts, and tell when one comes', async () => {
    const bench = new TestBench();
    let changes = 0;
    bench.tests.results.on('changed', () => (changes += 1));
    for (let n = 0; n < 205; n++) {
      const attempt = (test: unknown): void =>
        void bench.tests.attemptOf({ test })?.end({ result: 'checks', node: NODE });
      await bench.tests.run(bench.case({ id: `case ${n}`, start: attempt })).finished;
    }
    const { results } = bench.tests;
    assert.deepEqual([results.verdicts.length, changes], [200, 205]);
    assert.equal(results.latest('case 4'), undefined);
    const latest = results.latest('case 204');
    assert.equal(latest?.case, 'case 204');
    assert.equal(results.find(latest?.id ?? ''), latest);
    results.clear();
    assert.deepEqual([results.verdicts, results.bytes, changes], [[], 0, 206]);
  });
});
