import assert from 'node:assert/strict';
import { processTests } from '../../lib/testing';
import type { LoadReport, LoadSample } from '../../lib/load';
import { Bench, catchAll, errorOf, type FlowNode } from './support/bench';
import { answering, check, dial, end, expecting, hangUp, phones, testCase } from './support/tests';

const answered = [check('answered', 'is', 'true', 'bool')];
const aCase = [
  ...[...phones, ...answering, dial('expect'), hangUp, end, catchAll],
  ...[testCase('dial'), expecting(answered, 'hang')],
];
/** A case that only ends when its calls are ended for it. */
const standing = [
  ...phones,
  ...answering,
  dial('held', { maxCallDuration: '60' }),
  catchAll,
  testCase('dial'),
];
const load = (fields: Record<string, unknown> = {}): FlowNode => ({
  ...{ id: 'load', type: 'sip-load', case: 'case', stages: '10/s for 1s', wires: [['finished'], ['second']] },
  ...fields,
});
const reportOf = ({ load: report }: Record<string, unknown>): LoadReport => report as LoadReport;

describe('sip-load', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  it('runs its case by its stages, tells each second, and reports at the end', async () => {
    const expect = ['failed < 1%', 'p95 setup < 5 s', 'attempts >= 40'];
    await bench.load(...aCase, load({ stages: '10/s for 4s', expect }));
    bench.send('load', { topic: 'kept' });
    const sample = (await bench.next('second')).load as LoadSample;
    assert.deepEqual([sample.stage, sample.seconds], [0, 1]);
    await bench.statusOf('load', [/^load \d+ \d+ 0$/]);
    const done = await bench.next('finished');
    const { status, end: over, figures, thresholds, stages } = reportOf(done);
    assert.equal(done.topic, 'kept');
    assert.deepEqual(
      thresholds.map(({ ok }) => ok),
      [true, true, true],
    );
    const { started, passed, failed, answered: connected } = figures.counters;
    assert.deepEqual([started, passed, failed, connected], [40, 40, 0, 40]);
    assert.deepEqual([over.reason, stages.length], ['completed', 1]);
    // Whether it is judged is a matter of how busy this machine is.
    assert.notEqual(status, 'failed');
    await bench.statusOf('load', ['status.passed', /brief\.notJudged$/]);
    assert.equal(processTests.running().length, 0);
    // What nodes show at most once a second while it runs is right in the end.
    for (const id of ['dial', 'pick', 'ring', 'case']) await bench.statusOf(id, ['']);
    // Verdicts of attempts of a load are kept nowhere.
    assert.equal(bench.count('verdict'), 0);
  });

  it('fails by a threshold that is not met, and keeps the first failures', async () => {
    const wrong = expecting([check('codec', 'is', 'PCMA')], 'hang');
    const flow = aCase.map((node) => (node.id === 'expect' ? wrong : node));
    await bench.load(...flow, load({ stages: '5/s for 1s', probe: false, expect: ['failed < 1%'] }));
    bench.send('load');
    const { thresholds, figures, failures } = reportOf(await bench.next('finished'));
    assert.deepEqual([thresholds[0]?.ok, thresholds[0]?.got], [false, 100]);
    assert.deepEqual(figures.causes, { CHECK_FAILED: 5 });
    assert.equal(failures.length, 3);
    assert.match(failures[0]?.attempt.calls[0]?.messages[0]?.text ?? '', /^INVITE /);
    await bench.statusOf('load', ['thresholds 1 1', /brief\.notJudged$/]);
  });

  it('does not start when its first case fails', async () => {
    const wrong = expecting([check('codec', 'is', 'PCMA')], 'hang');
    await bench.load(...aCase.map((node) => (node.id === 'expect' ? wrong : node)), load());
    bench.send('load');
    const { end: over, figures } = reportOf(await bench.next('finished'));
    assert.deepEqual([over.reason, figures.counters.started], ['probe-failed', 0]);
    await bench.statusOf('load', [/brief\.probeFailed$/]);
  });

  it('takes a row of its own table for each start, in place of those of the case', async () => {
    const targets = { target: 'row.to', targetType: 'msg', wires: [['expect'], ['progress'], ['expect']] };
    const flow = aCase.map((node) => (node.id === 'dial' ? { ...node, ...targets } : node));
    const rows = JSON.stringify([{ to: '1002' }, { to: '1003' }]);
    await bench.load(...flow, load({ stages: '4/s for 1s', rows, rowsType: 'json' }));
    bench.send('load');
    const { figures, plan } = reportOf(await bench.next('finished'));
    assert.deepEqual([plan.rows, figures.counters.passed, figures.counters.failed], [2, 2, 2]);
  });

  it('ends at once and properly when it is told to stop', async () => {
    await bench.load(...standing, load({ stages: '1 call for 60s', probe: false }));
    bench.send('load');
    await bench.next('held');
    bench.send('load', { action: 'stop' });
    const { end: over, figures } = reportOf(await bench.next('finished'));
    assert.equal(over.reason, 'interrupted');
    assert.ok(figures.counters.started >= 1);
    assert.equal(processTests.running().length, 0);
    // It says nothing to a load that does not run.
    bench.send('load', { action: 'stop' });
    bench.send('load');
    await bench.next('held');
    assert.equal(bench.count('errors'), 0);
    bench.send('load', { action: 'stop' });
    await bench.next('finished');
  });

  it('is refused while it runs, and while its case runs otherwise', async () => {
    await bench.load(
      ...standing,
      load({ stages: '1 call for 60s', probe: false }),
      load({ id: 'other', wires: [['finishedToo'], []] }),
    );
    bench.send('load');
    await bench.next('held');
    for (const id of ['load', 'other', 'case']) {
      bench.send(id);
      const error = errorOf(await bench.next('errors'));
      assert.deepEqual([error.code, error.source.id], ['CALL_STATE', id]);
    }
    bench.send('load', { action: 'stop' });
    await bench.next('finished');
  });

  for (const [what, changed] of [
    ['the node', 'load'],
    ['its case', 'case'],
  ] as const) {
    it(`ends with its calls when a deploy changes ${what}`, async () => {
      await bench.load(...standing, load({ stages: '1 call for 60s', probe: false }));
      bench.send('load');
      await bench.next('held');
      await bench.deploy('nodes', (node) => (node.id === changed ? { ...node, name: 'changed' } : node));
      assert.equal(processTests.running().length, 0);
      // The case is free again.
      bench.send('load');
      await bench.next('held');
      bench.send('load', { action: 'stop' });
      await bench.next('finished');
    });
  }

  for (const [what, fields, sentence] of [
    ['stages that make no sense', { stages: 'ten a second' }, /stages cannot be read: "ten a second"/],
    ['an unknown figure', { expect: ['p95 speed < 1'] }, /no figure "speed"/],
    ['too few calls at once', { stages: '9 calls for 1s', maxCalls: '3' }, /wants 9 calls at once/],
    ['a table that is too short', { rowsOrder: 'unique', rows: '[{"a":1}]', rowsType: 'json' }, /1 rows/],
    ['no case', { case: '' }, /"case" is empty/],
    ['a case that is not there', { case: 'gone' }, /not deployed/],
    ['a number that is none', { total: '-1' }, /"total" must be/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await bench.load(...aCase, load(fields));
      bench.send('load');
      const error = errorOf(await bench.next('errors'));
      assert.equal(error.code, 'BAD_CONFIG');
      assert.match(error.message, sentence);
      assert.equal(processTests.running().length, 0);
    });
  }
});
