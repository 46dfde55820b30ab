import assert from 'node:assert/strict';
import { PhoneHolds } from '../../lib/testing/phone-holds';
import { check, END, FakeCall, FakePhone, TestBench } from './support/bench-of-tests';

describe('phones of tests', () => {
  const [a, b] = [new FakePhone('a'), new FakePhone('b')];
  const phones = [a.asPhone(), b.asPhone()];

  it('are held by one alone, and by the next in the order of asking', () => {
    const holds = new PhoneHolds<string>(() => undefined);
    const got: string[] = [];
    for (const name of ['first', 'second', 'third']) holds.take(name, phones, true, () => got.push(name));
    assert.deepEqual(got, ['first']);
    holds.release('first');
    assert.deepEqual(got, ['first', 'second']);
    assert.equal(holds.ownerOf(phones[0]), 'second');
    holds.release('third');
    holds.release('second');
    assert.deepEqual(got, ['first', 'second'], 'the third has given up');
    assert.equal(a.listeners, 0);
  });

  it('are held together by those that share them, while one that wants them alone waits and is not overtaken', () => {
    const holds = new PhoneHolds<string>(() => undefined);
    const got: string[] = [];
    holds.take('shared 1', [phones[0]], false, () => got.push('shared 1'));
    holds.take('shared 2', [phones[0]], false, () => got.push('shared 2'));
    holds.take('alone', phones, true, () => got.push('alone'));
    holds.take('shared 3', [phones[0]], false, () => got.push('shared 3'));
    assert.deepEqual(got, ['shared 1', 'shared 2']);
    assert.equal(holds.ownerOf(phones[0]), undefined);
    holds.release('shared 1');
    holds.release('shared 2');
    assert.deepEqual(got, ['shared 1', 'shared 2', 'alone']);
    holds.release('alone');
    assert.equal(got.at(-1), 'shared 3');
    holds.release('shared 3');
  });

  it('are taken all at once, so that two that want them in another order do not block each other', () => {
    const holds = new PhoneHolds<string>(() => undefined);
    const got: string[] = [];
    holds.take('one', [phones[0]], true, () => got.push('one'));
    holds.take('both', [phones[1], phones[0]], true, () => got.push('both'));
    holds.take('other', [phones[1]], true, () => got.push('other'));
    assert.deepEqual(got, ['one'], 'the other phone is kept for the one that has waited longer');
    holds.release('one');
    holds.release('both');
    assert.deepEqual(got, ['one', 'both', 'other']);
    holds.release('other');
  });

  describe('of test cases', () => {
    let bench: TestBench;
    let phone: FakePhone;
    beforeEach(() => {
      bench = new TestBench();
      phone = new FakePhone('p1');
    });
    afterEach(() => {
      assert.equal(bench.clock.pending, 0);
      assert.equal(phone.listeners, 0);
    });

    it('let two cases wait for each other, and count no time while they wait', async () => {
      const mine = { phones: () => [phone.asPhone()], timeout: 10 };
      const first = bench.tests.run(bench.case({ ...mine, id: 'first' }));
      const second = bench.tests.run(bench.case({ ...mine, id: 'second' }));
      await bench.settle();
      assert.deepEqual(
        bench.begun.map((ref) => ref.case),
        ['first'],
      );
      bench.clock.advance(9_000);
      bench.attempt.end({ result: 'checks', node: END });
      await first.finished;
      await bench.settle();
      assert.equal(bench.attempt.ref.case, 'second');
      bench.clock.advance(9_000);
      bench.attempt.end({ result: 'checks', node: END });
      const [verdict] = await second.finished;
      assert.equal(verdict.attempts[0].durationMs, 9_000);
    });

    it('give every call that begins on them to the attempt that holds them alone', async () => {
      const run = bench.tests.run(bench.case({ phones: () => [phone.asPhone()] }));
      await bench.settle();
      const calls = [phone.rings(new FakeCall('c1')), phone.rings(new FakeCall('c2', 'x', 'out'))];
      for (const call of calls) await call.hangup();
      bench.attempt.end({ result: 'checks', node: END });
      const [verdict] = await run.finished;
      assert.deepEqual(
        verdict.attempts[0].calls.map(({ ref, phone: name }) => [ref.id, name]),
        [
          ['c1', 'p1'],
          ['c2', 'p1'],
        ],
      );
    });

    it('that are shared give a call to the attempt whose mark its INVITE carries, or whose Call-ID it has', async () => {
      const shared = { phones: () => [phone.asPhone()], sharedPhones: true };
      const runs = ['one', 'two'].map((id) => bench.tests.run(bench.case({ ...shared, id })));
      await bench.settle();
      const [one, two] = bench.begun.map((test) => bench.tests.attemptOf({ test }));
      assert.ok(one && two);
      assert.match(one.mark ?? '', /^[0-9a-f]{32}$/);
      assert.notEqual(one.mark, two.mark);
      const marked = phone.rings(new FakeCall('marked').marked(two.mark));
      const dialled = new FakeCall('dialled', 'same', 'out');
      one.adopt(dialled.asCall());
      const sameId = phone.rings(new FakeCall('same-id', 'same'));
      const stranger = phone.rings(new FakeCall('stranger'));
      assert.equal(bench.tests.attemptOf({ call: marked.ref }), two);
      assert.equal(bench.tests.attemptOf({ call: sameId.ref }), one);
      assert.equal(bench.tests.attemptOf({ call: stranger.ref }), undefined);
      for (const attempt of [one, two]) attempt.end({ result: 'checks', node: END });
      await Promise.all(runs.map(({ finished }) => finished));
      assert.equal(stranger.hangups, 0, 'it is nobody else’s');
    });

    it('honour a mark only while its attempt runs, and only on its phones', async () => {
      const other = new FakePhone('p2');
      const shared = { sharedPhones: true };
      const runs = [
        bench.tests.run(bench.case({ ...shared, id: 'one', phones: () => [phone.asPhone()] })),
        bench.tests.run(bench.case({ ...shared, id: 'two', phones: () => [other.asPhone()] })),
      ];
      await bench.settle();
      const [one, two] = bench.begun.map((test) => bench.tests.attemptOf({ test }));
      assert.ok(one && two);
      const elsewhere = other.rings(new FakeCall('c1').marked(one.mark));
      assert.equal(bench.tests.attemptOf({ call: elsewhere.ref }), undefined);
      one.end({ result: 'checks', node: END });
      const late = phone.rings(new FakeCall('c2').marked(one.mark));
      assert.equal(bench.tests.attemptOf({ call: late.ref }), undefined);
      two.end({ result: 'checks', node: END });
      await Promise.all(runs.map(({ finished }) => finished));
    });

    it('send no mark when the case does without', async () => {
      const run = bench.tests.run(bench.case({ marks: false }));
      await bench.settle();
      assert.deepEqual([bench.attempt.mark, bench.attempt.headers], [undefined, {}]);
      bench.attempt.end({ result: 'checks', node: END });
      await run.finished;
    });

    it('have no call left when a retry begins', async () => {
      const run = bench.tests.run(bench.case({ phones: () => [phone.asPhone()], retries: 1 }));
      await bench.settle();
      bench.attempt.addChecks([check(false)], { stop: true });
      // One that slips in between the attempts, and belongs to neither.
      const between = new FakeCall('between');
      phone.live.push(between);
      await bench.settle();
      assert.equal(bench.attempt.ref.attempt, 2);
      assert.deepEqual([between.hangups, phone.calls.length], [1, 0]);
      bench.attempt.end({ result: 'checks', node: END });
      const [verdict] = await run.finished;
      assert.equal(verdict.status, 'flaky');
    });
  });
});
