import assert from 'node:assert/strict';
import { TEST_LIMITS } from '../../lib/testing';
import { check, END, FakeCall, FakePhone, NODE, TestBench } from './support/bench-of-tests';

const PLAY = { id: 'n3', name: 'Play welcome', type: 'sip-play-audio' };

describe('an attempt', () => {
  let bench: TestBench;
  beforeEach(() => {
    bench = new TestBench();
  });
  afterEach(() => assert.equal(bench.clock.pending, 0, 'no timer is left'));

  describe('ends by exactly one of', () => {
    it('its test end, and passes when its checks hold', async () => {
      const verdict = await bench.verdictOf((attempt) => {
        bench.clock.advance(1500);
        attempt.addChecks([check(true)], { stop: true });
        attempt.end({ result: 'checks', node: END });
      });
      assert.equal(verdict.status, 'passed');
      assert.equal(verdict.reason, undefined);
      assert.equal(verdict.attempts[0].durationMs, 1500);
      assert.equal(verdict.attempts[0].checks.length, 1);
    });

    it('a failed check that stops it, and says what was wanted and got', async () => {
      const verdict = await bench.verdictOf((attempt) => {
        assert.equal(attempt.addChecks([check(true), check(false)], { stop: true }), 'stopped');
      });
      assert.equal(verdict.status, 'failed');
      assert.equal(verdict.reason?.code, 'CHECK_FAILED');
      assert.equal(verdict.reason?.message, 'Expected codec is PCMU, got PCMA.');
      assert.equal(verdict.reason?.node?.name, 'Codec');
      assert.deepEqual(bench.warnings, []);
    });

    it('an error that nobody handled', async () => {
      const error = Object.assign(new Error('No simulated phone has the number 9.'), { code: 'BAD_TARGET' });
      const verdict = await bench.verdictOf((attempt) => assert.ok(attempt.uncaught(error, PLAY)));
      assert.equal(verdict.status, 'failed');
      assert.deepEqual(verdict.reason, {
        code: 'BAD_TARGET',
        message: 'No simulated phone has the number 9.',
        node: PLAY,
        atMs: 0,
      });
    });

    it('its time-out, which names the last step', async () => {
      const verdict = await bench.verdictOf((attempt) => {
        attempt.beginStep(NODE).finish({ outcome: 'start' });
        bench.clock.advance(400);
        attempt.beginStep(PLAY).finish({ outcome: 'completed', output: 0 });
        bench.clock.advance(60_000);
      });
      assert.equal(verdict.status, 'failed');
      assert.deepEqual(verdict.reason, {
        code: 'TEST_TIMEOUT',
        message:
          'No verdict came within 60 s. The last step was "Play welcome" (sip-play-audio), with the outcome "completed".',
        node: PLAY,
        atMs: 60_000,
      });
    });

    it('its time-out while a step still runs, and gives that step its time', async () => {
      const run = bench.tests.run(bench.case());
      await bench.settle();
      bench.clock.advance(10_000);
      bench.attempt.beginStep(PLAY);
      bench.clock.advance(50_000);
      await bench.settle();
      bench.clock.advance(TEST_LIMITS.stepGraceMs);
      const [verdict] = await run.finished;
      assert.match(verdict.reason?.message ?? '', /"Play welcome" \(sip-play-audio\), which still runs\.$/);
      const [step] = verdict.attempts[0].steps;
      assert.deepEqual([step.outcome, step.atMs, step.durationMs], ['running', 10_000, 51_000]);
    });

    it('its time-out when nothing happened at all', async () => {
      const verdict = await bench.verdictOf(() => bench.clock.advance(60_000));
      assert.equal(verdict.reason?.message, 'No verdict came within 60 s. There was no step at all.');
    });

    it('an error of its own start', async () => {
      const run = bench.tests.run(
        bench.case({
          start: () => {
            throw new Error('cannot start');
          },
        }),
      );
      const [verdict] = await run.finished;
      assert.deepEqual([verdict.status, verdict.reason?.message], ['failed', 'cannot start']);
    });
  });

  it('that ends twice has its first outcome, and the second is told as a warning', async () => {
    let again: boolean | undefined;
    const verdict = await bench.verdictOf((attempt) => {
      attempt.addChecks([check(true)], { stop: true });
      assert.equal(attempt.end({ result: 'checks', node: END }), true);
      again = attempt.end({ result: 'failed', reason: 'late', node: END });
    });
    assert.equal(again, false);
    assert.equal(verdict.status, 'passed');
    assert.match(bench.warnings[0], /once more/);
  });

  it('that comes to its end after its time-out has failed', async () => {
    const run = bench.tests.run(bench.case());
    await bench.settle();
    const { attempt } = bench;
    bench.clock.advance(60_000);
    const [verdict] = await run.finished;
    assert.equal(attempt.end({ result: 'checks', node: END }), false);
    assert.equal(attempt.addChecks([check(true)], { stop: true }), 'stopped', 'nothing is sent on');
    assert.equal(attempt.uncaught(new Error('late')), false);
    assert.equal(verdict.reason?.code, 'TEST_TIMEOUT');
    assert.equal(verdict.attempts[0].checks.length, 0);
    assert.equal(bench.warnings.length, 3);
  });

  it('fails at its end for a failed check that did not stop it, and for none of severity warning', async () => {
    const failed = await bench.verdictOf((attempt) => {
      assert.equal(attempt.addChecks([check(false)], { stop: false }), 'go on');
      attempt.end({ result: 'checks', node: END });
    });
    assert.equal(failed.reason?.code, 'CHECK_FAILED');
    const warned = await bench.verdictOf((attempt) => {
      assert.equal(attempt.addChecks([check(false, { severity: 'warning' })], { stop: true }), 'go on');
      attempt.end({ result: 'checks', node: END });
    });
    assert.equal(warned.status, 'passed');
    assert.equal(warned.attempts[0].checks[0].ok, false);
  });

  it('without a check passes with a warning', async () => {
    const verdict = await bench.verdictOf((attempt) => attempt.end({ result: 'checks', node: END }));
    assert.deepEqual([verdict.status, verdict.reason?.code], ['passed', 'NO_CHECKS']);
  });

  it('fails or is skipped when its test end says so, whatever the checks say', async () => {
    const failed = await bench.verdictOf((attempt) => {
      attempt.addChecks([check(true)], { stop: true });
      attempt.end({ result: 'failed', reason: 'The wrong prompt.', node: END });
    });
    assert.deepEqual([failed.status, failed.reason?.message], ['failed', 'The wrong prompt.']);
    const skipped = await bench.verdictOf((attempt) => {
      attempt.addChecks([check(false)], { stop: false });
      attempt.end({ result: 'skipped', reason: 'No trunk today.', node: END });
    });
    assert.deepEqual([skipped.status, skipped.reason?.code], ['skipped', 'TEST_SKIPPED']);
  });

  describe('leaks', () => {
    it('a call that stands at the test end, and hangs it up', async () => {
      const call = new FakeCall('c1');
      const verdict = await bench.verdictOf((attempt) => {
        attempt.adopt(call.asCall());
        attempt.addChecks([check(true)], { stop: true });
        attempt.end({ result: 'checks', node: END });
      });
      assert.equal(call.hangups, 1);
      assert.equal(verdict.status, 'failed');
      assert.equal(verdict.reason?.code, 'LEAK');
      assert.deepEqual(verdict.attempts[0].leaks, [
        { kind: 'call', what: 'The call from sip:1001@a was still answered at the end of the test.' },
      ]);
      assert.equal(verdict.attempts[0].calls[0].info.state, 'ended', 'evidence is gathered after the end');
    });

    it('no call that has ended, and none after another ending', async () => {
      const ended = new FakeCall('c1');
      const standing = new FakeCall('c2');
      await ended.hangup();
      const verdict = await bench.verdictOf((attempt) => {
        attempt.adopt(ended.asCall());
        attempt.addChecks([check(true)], { stop: true });
        attempt.end({ result: 'checks', node: END });
      });
      assert.equal(verdict.status, 'passed');
      const failed = await bench.verdictOf((attempt) => {
        attempt.adopt(standing.asCall());
        attempt.addChecks([check(false)], { stop: true });
      });
      assert.deepEqual([standing.hangups, failed.attempts[0].leaks], [1, []]);
    });

    it('ports, recordings and steps that are not given back', async () => {
      const call = new FakeCall('c1');
      await call.hangup();
      call.holdsPorts = true;
      call.recordings = [{ file: 'spool/a.wav', final: false }];
      const run = bench.tests.run(bench.case());
      await bench.settle();
      bench.attempt.adopt(call.asCall());
      bench.attempt.beginStep(PLAY, call.id);
      bench.attempt.addChecks([check(true)], { stop: true });
      bench.attempt.end({ result: 'checks', node: END });
      await bench.settle();
      bench.clock.advance(TEST_LIMITS.stepGraceMs);
      const [verdict] = await run.finished;
      assert.deepEqual(
        verdict.attempts[0].leaks.map(({ kind }) => kind),
        ['port', 'file', 'timer'],
      );
      assert.equal(verdict.reason?.message.includes('There are 2 more.'), true);
    });

    it('no step that finishes once the calls are hung up', async () => {
      const verdict = await bench.verdictOf((attempt) => {
        const step = attempt.beginStep(PLAY);
        attempt.addChecks([check(true)], { stop: true });
        attempt.end({ result: 'checks', node: END });
        assert.equal(attempt.signal.aborted, false, 'it may go on until it is counted');
        step.finish({ outcome: 'ended' });
      });
      assert.equal(verdict.status, 'passed');
    });
  });

  it('concludes within five seconds, although a call does not end and a collector does not answer', async () => {
    const call = new FakeCall('c1');
    call.ends = false;
    bench.tests.addCollector(() => new Promise(() => undefined));
    const run = bench.tests.run(bench.case());
    await bench.settle();
    bench.attempt.adopt(call.asCall());
    bench.attempt.end({ result: 'checks', node: END });
    await bench.settle();
    assert.equal(bench.attempt.state, 'concluding');
    bench.clock.advance(TEST_LIMITS.concludeMs);
    await bench.settle();
    bench.clock.advance(0);
    const [verdict] = await run.finished;
    assert.equal(bench.clock.now(), TEST_LIMITS.concludeMs);
    assert.equal(verdict.reason?.code, 'LEAK');
  });

  it('fails, and ends all the same, when something of ours breaks at its end', async () => {
    const call = new FakeCall('c1');
    call.trace = () => {
      throw new Error('no memory left');
    };
    const verdict = await bench.verdictOf((attempt) => {
      attempt.adopt(call.asCall());
      attempt.addChecks([check(true)], { stop: true });
      attempt.end({ result: 'checks', node: END });
    });
    assert.deepEqual(
      [verdict.status, verdict.reason?.code, verdict.reason?.message],
      ['failed', 'INTERNAL', 'no memory left'],
    );
  });

  it('hangs up a call that comes while it is concluding', async () => {
    const call = new FakeCall('c1');
    await bench.verdictOf((attempt) => {
      attempt.end({ result: 'checks', node: END });
      attempt.adopt(call.asCall());
    });
    assert.equal(call.hangups, 1);
  });

  it('makes no call once it is over', async () => {
    let dialled = 0;
    const phone = { dial: () => Promise.reject(new Error(`dialled ${(dialled += 1)}`)) };
    const verdict = await bench.verdictOf((attempt) => {
      attempt.addChecks([check(false)], { stop: true });
      void assert.rejects(attempt.dial(phone, { target: '1002' }), { code: 'CALL_STATE' });
    });
    assert.deepEqual([verdict.status, dialled], ['failed', 0]);
  });

  it('takes the files of collectors, and does without one that throws', async () => {
    const artefact = { kind: 'ladder', file: 'out/l.svg', title: 'Ladder' } as const;
    bench.tests.addCollector(() => {
      throw new Error('disk full');
    });
    bench.tests.addCollector((attempt) => {
      assert.equal(attempt.status, 'passed', 'it is judged already');
      return [artefact];
    });
    const verdict = await bench.verdictOf((attempt) => {
      attempt.addChecks([check(true)], { stop: true });
      attempt.end({ result: 'checks', node: END });
    });
    assert.deepEqual(verdict.attempts[0].artefacts, [artefact]);
  });

  it('keeps steps, checks, calls and messages within limits, and counts the rest', async () => {
    const many = new FakeCall('big');
    const text = 'x'.repeat(TEST_LIMITS.bytes / 2);
    const message = { atMs: 0, direction: 'in', transport: 'udp', local: '', remote: '', text } as const;
    many.messages = [message, message, message];
    await many.hangup();
    const verdict = await bench.verdictOf((attempt) => {
      for (let n = 0; n < TEST_LIMITS.steps + 3; n++)
        attempt.beginStep(PLAY).finish({ outcome: 'completed' });
      const checks = Array.from({ length: TEST_LIMITS.checks + 2 }, () => check(true));
      attempt.addChecks(checks, { stop: true });
      attempt.adopt(many.asCall());
      for (let n = 0; n < TEST_LIMITS.calls; n++) {
        const call = new FakeCall(`c${n}`);
        attempt.adopt(call.asCall());
        void call.hangup();
      }
      attempt.end({ result: 'checks', node: END });
    });
    const [attempt] = verdict.attempts;
    assert.deepEqual(attempt.leftOut, { steps: 3, checks: 2, calls: 1, messages: 1 });
    assert.deepEqual(
      [attempt.steps.length, attempt.checks.length, attempt.calls.length],
      [TEST_LIMITS.steps, TEST_LIMITS.checks, TEST_LIMITS.calls],
    );
    assert.equal(verdict.status, 'passed');
  });

  it('cuts texts that are too long', async () => {
    const verdict = await bench.verdictOf((attempt) => {
      attempt.beginStep(PLAY).finish({ outcome: 'failed', detail: 'x'.repeat(100_000) });
      attempt.uncaught(new Error('y'.repeat(100_000)));
    });
    assert.equal(verdict.attempts[0].steps[0].detail?.length, TEST_LIMITS.text);
    assert.equal(verdict.reason?.message.length, TEST_LIMITS.text);
  });

  it('records the steps with their times, calls and outputs', async () => {
    const verdict = await bench.verdictOf((attempt) => {
      bench.clock.advance(100);
      const step = attempt.beginStep(PLAY);
      bench.clock.advance(250);
      step.finish({ outcome: 'completed', output: 0, call: 'c1' });
      step.finish({ outcome: 'twice' });
      attempt.end({ result: 'checks', node: END });
    });
    assert.deepEqual(verdict.attempts[0].steps, [
      { node: PLAY, atMs: 100, durationMs: 250, outcome: 'completed', output: 0, call: 'c1' },
    ]);
  });

  it('is found by its reference and by its calls, and for a while when it is over', async () => {
    const phone = new FakePhone('p1');
    const call = new FakeCall('c1');
    const run = bench.tests.run(bench.case({ phones: () => [phone.asPhone()] }));
    await bench.settle();
    const { attempt } = bench;
    phone.rings(call);
    assert.equal(bench.tests.attemptOf({ test: { ...attempt.ref } }), attempt);
    assert.equal(bench.tests.attemptOf({ call: call.ref }), attempt);
    assert.equal(bench.tests.attemptOf({ call: 'c1' }), attempt);
    for (const nothing of [{}, { test: 'x', call: 7 }, { test: { type: 'sip-test', id: 'forged' } }]) {
      assert.equal(bench.tests.attemptOf(nothing), undefined);
    }
    bench.attempt.end({ result: 'checks', node: END });
    await run.finished;
    assert.equal(bench.tests.attemptOf({ test: attempt.ref })?.over, true);
    assert.equal(bench.tests.attemptOf({ call: call.ref }), undefined);
    assert.equal(phone.listeners, 0);
  });
});
