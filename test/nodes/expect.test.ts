import assert from 'node:assert/strict';
import { Bench, catchAll, errorOf } from './support/bench';
import { answeredCall } from './support/calls';
import { check, end, expecting } from './support/tests';

describe('sip-expect outside of tests', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  const failureOf = (msg: Record<string, unknown>) => msg.failure as { code: string; message: string };

  it('chooses an output by all of its checks, of which warnings do not count', async () => {
    const checks = [
      check('codec', 'is', 'ulaw'),
      check('status', 'between', '[200, 299]', 'json'),
      check('methods', 'is', 'INVITE 200 ACK'),
      check('header', 'contains', '1002', 'str', { name: 'To', message: 'INVITE' }),
      check('sdp', 'matches', 'a=rtpmap:\\d+ PCMU', 're', { message: '200' }),
      check('msg', 'is', 'wanted', 'msg', { name: 'found' }),
      check('jsonata', 'gt', '2', 'num', { name: 'found.length + 3' }),
      check('jsonata', 'is', 'yes', 'str', { name: '$exists(found) ? "yes" : "no"' }),
      check('digits', 'absent', undefined, 'str', { severity: 'warning' }),
    ];
    const { caller } = await answeredCall(bench, expecting(checks, 'passed'));
    bench.send('expect', { call: caller, wanted: { a: 1 }, found: { a: 1, length: 1 } });
    const { message } = failureOf(await bench.next('unexpected'));
    assert.match(message, /msg found is \{"a":1\}, got/);
    bench.send('expect', { call: caller, wanted: { length: 1 }, found: { length: 1 } });
    assert.equal((await bench.next('passed')).failure, undefined);
    await bench.statusOf('expect', ['status.passed']);
  });

  it('looks again within its time until the checks hold', async () => {
    const more = [check('packets', 'gte', '15', 'num')];
    const { caller } = await answeredCall(
      bench,
      { ...expecting(more, 'later', { within: '10' }), wires: [['later'], ['never']] },
      { ...expecting(more, 'at once'), id: 'now', wires: [['at once'], ['not yet']] },
    );
    bench.send('expect', { call: caller });
    bench.send('now', { call: caller });
    await bench.next('not yet');
    await bench.next('later');
    assert.equal(bench.count('never'), 0);
  });

  it('reports a check that cannot be made, by its subject, to Catch nodes', async () => {
    const wrong = [
      [[check('shoe size', 'is', '43')], /shoe size/],
      [[check('answered', 'contains', '4')], /"contains" is no comparison for answered/],
      [[check('mos', 'gt', 'high', 'num')], /mos must be a number/],
      [[check('header', 'exists')], /header needs a field by name/],
      [[check('reason', 'matches', '(', 're')], /\(/],
      [[check('status', 'is', '[', 'json')], /checks.*cannot be evaluated/],
      [[check('status', 'is', 'a.b.c', 'msg')], /checks.*cannot be evaluated/],
      [[], /"checks" must be a list of checks; it is empty/],
      ['answered', /"checks" must be a list/],
    ] as const;
    const nodes = wrong.map(([checks], index) => ({
      ...expecting(checks as unknown as object[], 'passed'),
      id: `expect${index}`,
    }));
    const { caller } = await answeredCall(bench, ...nodes);
    for (const [index, [checks, sentence]] of wrong.entries()) {
      bench.send(`expect${index}`, { call: caller });
      const error = errorOf(await bench.next('errors'));
      assert.equal(error.code, 'BAD_CONFIG', JSON.stringify(checks));
      assert.match(error.message, sentence);
    }
  });

  it('needs no call for checks of the message alone', async () => {
    await bench.load(
      expecting([check('msg', 'is', '7', 'num', { name: 'payload' })], 'passed'),
      catchAll,
      end,
    );
    bench.send('expect', { payload: 7 });
    await bench.next('passed');
    bench.send('expect', { payload: 8 });
    assert.equal(failureOf(await bench.next('unexpected')).code, 'CHECK_FAILED');
    bench.send('end', {});
    const error = errorOf(await bench.next('errors'));
    assert.equal(error.code, 'BAD_CONFIG');
    assert.match(error.message, /belongs to no test/);
  });
});
