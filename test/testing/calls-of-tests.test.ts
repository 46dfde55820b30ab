import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { IncomingCall, Phone } from '../../lib/calls';
import {
  runChecks,
  TEST_HEADER,
  type TestAttempt,
  type TestCase,
  Tests,
  type Verdict,
} from '../../lib/testing';
import { Phones, receive } from '../support/phones';

const NODE = { id: 'n1', name: 'Extension 1002', type: 'sip-test-case' };

describe('tests of real calls', () => {
  let phones: Phones;
  let tests: Tests;
  let alice: Phone;
  let bob: Phone;

  beforeEach(async () => {
    phones = new Phones();
    tests = new Tests();
    alice = await phones.phone('1001');
    bob = await phones.phone('1002');
  });
  afterEach(() => phones.close());

  /** Runs what a flow would do. */
  function run(
    act: (attempt: TestAttempt, row: object | undefined) => Promise<unknown>,
    overrides: Partial<TestCase> = {},
    rows?: object[],
  ): Promise<Verdict[]> {
    const testCase: TestCase = {
      id: 'extension',
      title: 'Extension 1002 answers',
      tags: [],
      node: NODE,
      timeout: 10,
      retries: 0,
      rowsAtOnce: 1,
      sharedPhones: false,
      marks: true,
      phones: () => [alice, bob],
      start: (test, row) => {
        const attempt = tests.attemptOf({ test });
        if (attempt) act(attempt, row).catch((error: unknown) => attempt.uncaught(error));
      },
      ...overrides,
    };
    return tests.run(testCase, rows ? { rows } : {}).finished;
  }

  async function expect(attempt: TestAttempt, call: unknown, ...claims: [subject: string, value: unknown][]) {
    const specs = claims.map(([subject, value]) => ({ subject, operator: 'is', value }));
    const checks = await runChecks(specs, { calls: phones.world.calls, call, node: NODE, attempt });
    return attempt.addChecks(checks, { stop: true });
  }

  function end(attempt: TestAttempt): void {
    attempt.end({ result: 'checks', node: { id: 'n9', name: '', type: 'sip-test-end' } });
  }

  it('pass with the evidence of both sides, and the mark was in the INVITE', async () => {
    const marks: unknown[] = [];
    const owners: (TestAttempt | undefined)[] = [];
    receive(bob, (call) => {
      marks.push(call.lastSip.headers?.[TEST_HEADER]);
      owners.push(tests.attemptOf({ call: call.ref }));
      void call.answer();
    });
    const [verdict] = await run(async (attempt) => {
      const call = await attempt.dial(alice, { target: '1002', headers: { 'X-Ticket': '4711' } });
      await call.outcome;
      await expect(attempt, call.ref, ['answered', true], ['codec', 'PCMU']);
      await call.hangup();
      await expect(attempt, call.ref, ['endedBy', 'local'], ['methods', 'INVITE 200 ACK BYE 200']);
      assert.deepEqual(marks, [[attempt.mark]]);
      assert.deepEqual(owners, [attempt]);
      end(attempt);
    });
    assert.equal(verdict.status, 'passed', verdict.reason?.message);
    const [{ calls, leaks, checks, startedAt = '' }] = verdict.attempts;
    const sinceStart = Date.parse(calls[0].info.startedAt) - Date.parse(startedAt);
    assert.ok(sinceStart >= -5 && sinceStart < 1_000, `the call began ${sinceStart} ms after its attempt`);
    assert.deepEqual([leaks, checks.length], [[], 4]);
    assert.deepEqual(
      calls.map(({ ref, info }) => [ref.direction, info.state, info.endedBy]),
      [
        ['out', 'ended', 'local'],
        ['in', 'ended', 'remote'],
      ],
    );
    assert.match(calls[1].messages[0].text, /X-Ticket: 4711/);
  });

  it('fail for both calls that stand at the end, and hang them up', async () => {
    receive(bob, (call) => void call.answer());
    const [verdict] = await run(async (attempt) => {
      const call = await attempt.dial(alice, { target: '1002' });
      await call.outcome;
      await expect(attempt, call.ref, ['answered', true]);
      end(attempt);
    });
    assert.deepEqual([verdict.status, verdict.reason?.code], ['failed', 'LEAK']);
    assert.deepEqual(
      verdict.attempts[0].leaks.map(({ kind }) => kind),
      ['call', 'call'],
    );
    assert.deepEqual([alice.callCount, bob.callCount], [0, 0]);
  });

  it('end by a failed check, and only hang up then', async () => {
    receive(bob, (call) => void call.answer());
    const [verdict] = await run(async (attempt) => {
      const call = await attempt.dial(alice, { target: '1002' });
      await call.outcome;
      assert.equal(await expect(attempt, call.ref, ['codec', 'PCMA']), 'stopped');
    });
    assert.equal(verdict.reason?.message, 'Expected codec is PCMA, got PCMU.');
    assert.deepEqual(verdict.attempts[0].leaks, []);
    assert.deepEqual([alice.callCount, bob.callCount], [0, 0]);
  });

  it('see digits, and audio both ways', async () => {
    const taken = new Promise<IncomingCall>((resolve) => receive(bob, resolve));
    const [verdict] = await run(async (attempt) => {
      const call = await attempt.dial(alice, { target: '1002' });
      const incoming = await taken;
      await incoming.answer();
      await call.sendDigits({ digits: '15#' });
      const [digits] = await runChecks([{ subject: 'digits', operator: 'is', value: '15#' }], {
        calls: phones.world.calls,
        call: incoming.ref,
        node: NODE,
        attempt,
        withinMs: 2000,
      });
      attempt.addChecks([digits], { stop: true });
      await call.hangup();
      await expect(attempt, incoming.ref, ['audio', 'both']);
      end(attempt);
    });
    assert.equal(verdict.status, 'passed', verdict.reason?.message);
  });

  it('are recorded when that is set, and the files are whole when they are reported', async () => {
    tests.settings = { record: true };
    receive(bob, (call) => void call.answer());
    const [verdict] = await run(async (attempt) => {
      const call = await attempt.dial(alice, { target: '1002' });
      await call.outcome;
      await call.play({ source: 'sipflow:beep' }).then(({ finished }) => finished);
      await expect(attempt, call.ref, ['answered', true]);
      await call.hangup();
      end(attempt);
    });
    assert.equal(verdict.status, 'passed', verdict.reason?.message);
    const files = verdict.attempts[0].calls.flatMap(({ recordings }) => recordings);
    assert.equal(files.length, 2);
    assert.ok(files.every(existsSync));
  });

  it('wait for each other’s phones, and share them when they may', async () => {
    receive(bob, (call) => void call.answer());
    let running = 0;
    let most = 0;
    const act = async (attempt: TestAttempt): Promise<void> => {
      most = Math.max(most, (running += 1));
      const call = await attempt.dial(alice, { target: '1002' });
      await call.outcome;
      const own = tests.attemptOf({ call: call.ref });
      assert.equal(own, attempt);
      await expect(attempt, call.ref, ['answered', true]);
      await call.hangup();
      running -= 1;
      end(attempt);
    };
    const rows = [{}, {}, {}];
    const alone = await Promise.all([run(act, {}, rows), run(act, { id: 'other' }, rows)]);
    assert.equal(most, 1);
    const shared = await run(act, { sharedPhones: true, rowsAtOnce: 3 }, rows);
    assert.equal(most, 3);
    for (const { status, reason, attempts } of [...alone.flat(), ...shared]) {
      assert.equal(status, 'passed', reason?.message);
      assert.equal(attempts[0].calls.length, 2);
    }
  });

  it('are flaky when the second try finds the other side at home', async () => {
    let tries = 0;
    receive(bob, (call) => void ((tries += 1) === 1 ? call.reject({ status: 486 }) : call.answer()));
    const [verdict] = await run(
      async (attempt) => {
        const call = await attempt.dial(alice, { target: '1002' });
        await call.outcome;
        if ((await expect(attempt, call.ref, ['status', 200])) === 'stopped') return;
        await call.hangup();
        end(attempt);
      },
      { retries: 2 },
    );
    assert.equal(verdict.status, 'flaky');
    assert.equal(verdict.reason?.message, 'Expected status is 200, got 486.');
    assert.equal(verdict.attempts.length, 2);
  });
});
