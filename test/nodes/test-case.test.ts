import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import { processTests, type TestRef, type Verdict } from '../../lib/testing';
import { requireOfNodeRed } from '../support/node-red-path';
import { Bench, catchAll, errorOf, phone, type FlowNode } from './support/bench';
import { answering, check, dial, end, expecting, hangUp, phones, testCase, verdictOf } from './support/tests';

const codecIs = (codec: string) => [check('answered', 'is', 'true', 'bool'), check('codec', 'is', codec)];
const whole = [...phones, ...answering, dial('expect'), hangUp, end];
const fn = (id: string, func: string, next: string[]): FlowNode => ({
  ...{ id, type: 'function', func, outputs: 1, initialize: '', finalize: '', libs: [], timeout: 0 },
  wires: [next],
});
const reasonOf = ({ status, reason }: Verdict) => `${status} ${reason?.code ?? ''}`;

describe('sip-test-case', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  it('passes a call that does what its checks say; steps of both sides record themselves', async () => {
    await bench.load(...whole, testCase('dial', { tags: ['smoke'] }), expecting(codecIs('PCMU'), 'hang'));
    const verdict = await verdictOf(bench, { topic: 'kept' });
    assert.equal(reasonOf(verdict), 'passed ');
    const { title, tags, attempts } = verdict;
    assert.deepEqual([title, tags, attempts.length], ['A call', ['smoke'], 1]);
    const { steps = [], calls = [], checks = [], leaks } = attempts[0] ?? {};
    const told = steps.map(({ node, outcome, output }) => [node.id, outcome, output]);
    for (const step of [
      ['dial', 'answered', 0],
      ['ring', 'call', 0],
      ['pick', 'answered', 0],
      ['expect', 'passed', 0],
      ['hang', 'done', 0],
      ['end', 'done', undefined],
    ])
      assert.ok(
        told.some((each) => JSON.stringify(each) === JSON.stringify(step)),
        `${String(step)} in ${told.map(String).join(' ')}`,
      );
    const own = calls.find(({ ref }) => ref.direction === 'out');
    assert.deepEqual(calls.map(({ ref }) => ref.direction).sort(), ['in', 'out']);
    assert.equal(steps.find(({ node }) => node.id === 'dial')?.call, own?.ref.id);
    assert.match(own?.messages[0]?.text ?? '', /^INVITE[^]*\r\nX-Sipflow-Test: [0-9a-f]{32}\r\n/);
    assert.deepEqual([checks.map(({ ok }) => ok), leaks], [[true, true], []]);
    const done = await bench.next('done');
    assert.equal(done.topic, 'kept');
    assert.deepEqual(done.verdicts, [verdict]);
    await bench.statusOf('case', ['status.passed']);
  });

  it('stops at a check that fails: nothing is sent further, the call is hung up, and the status says what was found', async () => {
    await bench.load(...whole, testCase('dial'), expecting(codecIs('PCMA'), 'hang'));
    const verdict = await verdictOf(bench);
    assert.equal(reasonOf(verdict), 'failed CHECK_FAILED');
    assert.match(verdict.reason?.message ?? '', /codec is PCMA.*PCMU/);
    assert.equal(verdict.reason?.node?.id, 'expect');
    const { calls = [], steps = [] } = verdict.attempts[0] ?? {};
    assert.deepEqual(
      calls.map(({ info }) => info.state),
      ['ended', 'ended'],
    );
    assert.ok(!steps.some(({ node }) => node.id === 'hang'));
    const last = steps.find(({ node }) => node.id === 'expect');
    assert.deepEqual([last?.outcome, last?.output], ['failed', undefined]);
    assert.equal(bench.count('unexpected'), 0);
    await bench.statusOf('case', ['codec: PCMU']);
    await bench.statusOf('expect', ['codec: PCMU']);
  });

  it('goes on by the second output when the check does not stop it, and has failed all the same', async () => {
    const asked = expecting(codecIs('PCMA'), 'hang', {
      stop: false,
      wires: [['hang'], ['hang', 'unexpected']],
    });
    await bench.load(...whole, testCase('dial'), asked);
    const verdict = await verdictOf(bench);
    assert.equal(reasonOf(verdict), 'failed CHECK_FAILED');
    const { failure } = await bench.next('unexpected');
    assert.match(JSON.stringify(failure), /"CHECK_FAILED".*codec is PCMA/);
    assert.ok(verdict.attempts[0]?.steps.some(({ node }) => node.id === 'end'));
  });

  it('has failed when it only falls silent, and names its last step', async () => {
    const quiet = expecting([check('msg', 'is', '1', 'num', { name: 'test.attempt' })], 'nowhere');
    await bench.load(...whole, testCase('expect', { timeout: '0.3' }), quiet);
    const verdict = await verdictOf(bench);
    assert.equal(reasonOf(verdict), 'failed TEST_TIMEOUT');
    assert.match(verdict.reason?.message ?? '', /within 0\.3 s.*sip-expect.*"passed"/);
    await bench.statusOf('case', [`noVerdict ${(verdict.durationMs / 1000).toFixed(1)}`]);
  });

  it('ends once: a second end, and one after the time-out, change nothing and are no errors', async () => {
    const twice = expecting([check('answered', 'is', 'true', 'bool')], 'hang');
    const both = { ...hangUp, wires: [['end', 'fail']] };
    const fail = { id: 'fail', type: 'sip-test-end', result: 'failed', reason: 'too late', wires: [] };
    await bench.load(
      ...phones,
      ...answering,
      dial('expect'),
      both,
      end,
      fail,
      testCase('dial'),
      twice,
      catchAll,
    );
    const warnings: string[] = [];
    const forget = processTests.on('warning', (_, message) => warnings.push(message));
    const verdict = await verdictOf(bench);
    assert.equal(reasonOf(verdict), 'passed ');
    bench.send('end', { test: verdict.attempts[0]?.test });
    await bench.next('done');
    forget();
    assert.ok(warnings.length >= 1, 'the second end is told');
    assert.equal(bench.count('errors'), 0);
    assert.equal(processTests.results.latest('case')?.status, 'passed');
  });

  it('fails for a call that still stands at the end', async () => {
    const straight = expecting(codecIs('PCMU'), 'end');
    await bench.load(...whole, testCase('dial'), straight);
    const verdict = await verdictOf(bench);
    assert.equal(reasonOf(verdict), 'failed LEAK');
    assert.equal(verdict.attempts[0]?.leaks[0]?.kind, 'call');
  });

  it('says that a check is about a call that never was', async () => {
    await bench.load(...whole, testCase('expect'), expecting(codecIs('PCMU'), 'hang'));
    const verdict = await verdictOf(bench);
    assert.equal(reasonOf(verdict), 'failed CALL_UNKNOWN');
    assert.match(verdict.reason?.message ?? '', /"call" leads to no call/);
    assert.equal(verdict.reason?.node?.id, 'expect');
  });

  describe('with errors', () => {
    const bad = dial('end', { target: '' });
    const { log, util } = requireOfNodeRed('@node-red/util') as {
      log: { addHandler(handler: EventEmitter): void; removeHandler(handler: EventEmitter): void };
      util: { encodeObject(entry: object, options: { maxLength: number }): void };
    };
    // As the debug node of every Node-RED, which the bench has not.
    const encoding = new EventEmitter().on('log', (entry: { level: number }) => {
      if (entry.level === 20) util.encodeObject(entry, { maxLength: 1000 });
    });
    beforeEach(() => log.addHandler(encoding));
    afterEach(() => log.removeHandler(encoding));
    for (const [what, first, code] of [
      ['of our nodes', bad, 'BAD_TARGET'],
      ['that functions throw', fn('dial', 'throw new Error("odd")', ['end']), 'INTERNAL'],
      ['that functions report', fn('dial', 'node.error("odd", msg)', ['end']), 'INTERNAL'],
      [
        'that functions report as such',
        fn('dial', 'node.error(Object.assign(new Error("odd"), { code: "ODD" }), msg)', ['end']),
        'ODD',
      ],
    ] as const) {
      it(`${what}: fails for one that nobody catches, and names the node`, async () => {
        await bench.load(...phones, ...answering, testCase('dial'), first, end);
        const verdict = await verdictOf(bench);
        assert.equal(reasonOf(verdict), `failed ${code}`);
        assert.equal(verdict.reason?.node?.id, 'dial');
        if (first !== bad) assert.match(verdict.reason?.message ?? '', /^(?:Error: )?odd$/);
      });

      it(`${what}: goes on with one that a Catch node takes`, async () => {
        await bench.load(...phones, ...answering, testCase('dial'), first, end, {
          ...catchAll,
          wires: [['end']],
        });
        assert.equal(reasonOf(await verdictOf(bench)), 'passed NO_CHECKS');
      });
    }
  });

  describe('with errors that are about no message', () => {
    const raised = async (node: string): Promise<void> => {
      bench.send('case');
      await bench.next('begun');
      helper.getNode(node).error(Object.assign(new Error('lost'), { code: 'TRANSPORT' }), {});
    };
    const flow = [...phones, ...answering, testCase('begun'), end];

    for (const [of, node] of [
      ['a phone of the case', 'phone1002'],
      ['a node on its tab', 'ring'],
    ] as const) {
      it(`fails for one of ${of} that nobody catches, and names it`, async () => {
        await bench.load(...flow);
        await raised(node);
        const verdict = (await bench.next('verdict')).verdict as Verdict;
        assert.equal(reasonOf(verdict), 'failed TRANSPORT');
        assert.equal(verdict.reason?.node?.id, node);
      });

      it(`goes on with one of ${of} that a Catch node takes`, async () => {
        await bench.load(...flow, catchAll);
        await raised(node);
        await bench.next('errors');
        const [attempt] = processTests.running();
        bench.send('end', { test: attempt?.ref });
        assert.equal(reasonOf((await bench.next('verdict')).verdict as Verdict), 'passed NO_CHECKS');
      });
    }

    it('goes on with one of a phone that another tab uses, and of a node there', async () => {
      const elsewhere = { z: 'other' };
      await bench.load(
        { id: 'other', type: 'tab', label: 'other' },
        phone('1003'),
        { id: 'events', type: 'sip-call-events', instance: 'phone1003', wires: [[]], ...elsewhere },
        ...flow,
      );
      await raised('phone1003');
      helper.getNode('events').error('odd');
      const [attempt] = processTests.running();
      bench.send('end', { test: attempt?.ref });
      assert.equal(reasonOf((await bench.next('verdict')).verdict as Verdict), 'passed NO_CHECKS');
    });
  });

  describe('with rows', () => {
    const rows = JSON.stringify([
      { to: '1002', status: 200 },
      { to: '1009', status: 404 },
    ]);
    const table = [
      ...phones,
      ...answering,
      dial('expect', { target: 'row.to', targetType: 'msg', wires: [['expect'], [], ['expect']] }),
      expecting([check('status', 'is', 'row.status', 'msg')], 'hang'),
      hangUp,
      end,
    ];

    it('runs once for each, one after the other, and tells all at the end', async () => {
      await bench.load(...table, testCase('dial', { rows, rowsType: 'json' }));
      const first = await verdictOf(bench);
      const second = (await bench.next('verdict')).verdict as Verdict;
      assert.deepEqual([first.row, first.status, second.row, second.status], [1, 'passed', 2, 'passed']);
      assert.deepEqual(second.rowValues, { to: '1009', status: 404 });
      assert.equal(((await bench.next('done')).verdicts as unknown[]).length, 2);
      await bench.statusOf('case', ['rowsPassed 0 2']);
    });

    it('reads them from a CSV file beside the flow, and from the message', async () => {
      writeFileSync(join(bench.userDir, 'cases.csv'), '\uFEFFto;status\r\n"1002";200\r\n1009;486\r\n');
      await bench.load(...table, testCase('dial', { rows: 'cases.csv', rowsType: 'csv' }), {
        ...testCase('dial', { rows: 'payload', rowsType: 'msg' }),
        id: 'other',
        wires: [['dial'], [], ['others']],
      });
      const first = await verdictOf(bench);
      const second = (await bench.next('verdict')).verdict as Verdict;
      assert.equal(first.status, 'passed');
      assert.equal(reasonOf(second), 'failed CHECK_FAILED');
      assert.match(second.reason?.message ?? '', /status is 486, got 404/);
      await bench.statusOf('case', ['rowsFailed 1 2']);
      bench.send('other', { payload: [{ to: '1009', status: 404 }] });
      assert.equal(((await bench.next('others')).verdicts as Verdict[])[0]?.status, 'passed');
    });

    for (const [what, fields, code, sentence] of [
      ['no list', { rows: '{"a":1}', rowsType: 'json' }, 'BAD_CONFIG', /"rows" must be a list of objects/],
      ['a row that is none', { rows: '[{"a":1},2]', rowsType: 'json' }, 'BAD_CONFIG', /row 2/],
      ['no row', { rows: '[]', rowsType: 'json' }, 'BAD_CONFIG', /1 to 10000 rows/],
      ['broken JSON', { rows: '[{', rowsType: 'json' }, 'BAD_CONFIG', /"rows"/],
      ['no such file', { rows: 'none.csv', rowsType: 'csv' }, 'FILE_NOT_FOUND', /none\.csv/],
      ['nothing on the message', { rows: 'rows', rowsType: 'msg' }, 'BAD_CONFIG', /it is empty/],
    ] as const) {
      it(`refuses ${what} with a sentence`, async () => {
        await bench.load(...table, testCase('dial', fields), catchAll);
        bench.send('case');
        const error = errorOf(await bench.next('errors'));
        assert.equal(error.code, code);
        assert.match(error.message, sentence);
        await assert.rejects(processTests.trigger('case'), { code });
        assert.equal(bench.count('verdict'), 0);
      });
    }

    it('runs several at once only with shared phones, where marks tell the calls apart', async () => {
      await bench.load(...table, testCase('dial', { rows, rowsType: 'json', rowsAtOnce: '2' }), catchAll);
      assert.match(errorOf(await bench.next('errors')).message, /shared phones/);
      await assert.rejects(processTests.trigger('case'), { code: 'BAD_CONFIG' });
      assert.equal(processTests.cases[0]?.title, 'A call', 'it is known by its title all the same');
      await bench.unload();

      const many = JSON.stringify(Array.from({ length: 8 }, () => ({ to: '1002', status: 200 })));
      const atOnce = { rows: many, rowsType: 'json', rowsAtOnce: '8', sharedPhones: true };
      await bench.load(...table, testCase('dial', atOnce));
      bench.send('case');
      const verdicts = (await bench.next('done')).verdicts as Verdict[];
      assert.deepEqual(new Set(verdicts.map(reasonOf)), new Set(['passed ']));
      for (const { attempts } of verdicts) {
        const [{ calls = [] } = {}] = attempts;
        assert.equal(calls.length, 2);
        assert.equal(calls[0]?.ref.callId, calls[1]?.ref.callId);
      }
    });
  });

  it('tries again what failed, and calls it flaky when it passes then', async () => {
    const second = expecting([check('msg', 'is', '2', 'num', { name: 'test.attempt' })], 'hang');
    await bench.load(...whole, testCase('dial', { retries: '2' }), second);
    const verdict = await verdictOf(bench);
    assert.equal(verdict.status, 'flaky');
    assert.deepEqual(
      verdict.attempts.map(({ status }) => status),
      ['failed', 'passed'],
    );
    await bench.statusOf('case', [/:brief\.flaky$/]);
  });

  it('waits for another case that holds its phone', async () => {
    const before: (string | undefined)[] = [];
    let first: TestRef | undefined;
    const forget = processTests.on('begun', (ref) => {
      before.push(first && processTests.attemptOf({ test: first })?.state);
      first ??= ref;
    });
    await bench.load(...whole, testCase('dial'), expecting(codecIs('PCMU'), 'hang'), {
      ...testCase('dial', { phones: ['phone1002'] }),
      id: 'other',
      wires: [['dial'], [], ['others']],
    });
    bench.send('case');
    bench.send('other');
    await Promise.all([bench.next('done'), bench.next('others')]);
    forget();
    assert.deepEqual(before, [undefined, 'done']);
  });

  it('refuses a second start while it runs, and a phone that is not there', async () => {
    await bench.load(
      ...whole,
      testCase('dial', { timeout: '0.5' }),
      expecting(codecIs('PCMU'), 'none'),
      catchAll,
    );
    bench.send('case');
    bench.send('case');
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
    await bench.next('done');
    await bench.unload();
    await bench.load(
      ...whole,
      testCase('dial', { phones: ['gone'] }),
      expecting(codecIs('PCMU'), 'none'),
      catchAll,
    );
    bench.send('case');
    const error = errorOf(await bench.next('errors'));
    assert.equal(error.code, 'NO_INSTANCE');
    assert.match(error.message, /"gone"/);
  });

  it('puts the attempt on a message of its call that comes without one', async () => {
    const lose = fn('lose', 'delete msg.test; return msg;', ['expect']);
    const asked = expecting(codecIs('PCMU'), 'hang', { wires: [['hang', 'passed'], []] });
    await bench.load(...phones, ...answering, dial('lose'), lose, asked, hangUp, end, testCase('dial'));
    const verdict = await verdictOf(bench);
    assert.equal(reasonOf(verdict), 'passed ');
    assert.deepEqual((await bench.next('passed')).test, verdict.attempts[0]?.test);
  });

  it('has the calls that a dial through makes for it, also on shared phones', async () => {
    await bench.load(
      ...phones,
      phone('1003'),
      { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['through']] },
      {
        ...{ id: 'through', type: 'sip-dial', instance: 'phone1002', target: '1003' },
        wires: [['parted'], ['refused'], []],
      },
      { id: 'ring3', type: 'sip-incoming-call', instance: 'phone1003', wires: [['pick3']] },
      { id: 'pick3', type: 'sip-answer', wires: [['over3'], []] },
      { id: 'over3', type: 'sip-wait', event: 'ended', wires: [['third'], [], []] },
      ...[dial('expect'), end],
      testCase('dial', { sharedPhones: true }),
      expecting(codecIs('PCMU'), 'hang', { within: '5' }),
      { ...hangUp, wires: [[]] },
    );
    bench.send('case');
    const [{ test }] = await Promise.all([bench.next('parted'), bench.next('third')]);
    bench.send('end', { test });
    const verdict = (await bench.next('verdict')).verdict as Verdict;
    assert.equal(reasonOf(verdict), 'passed ', verdict.reason?.message);
    assert.equal(verdict.attempts[0]?.calls.length, 4);
    assert.ok(
      verdict.attempts[0]?.steps.some(({ node, outcome }) => node.id === 'through' && outcome === 'ended'),
    );
  });

  it('ends silently with a deploy, and the next flow has the phones', async () => {
    await bench.load(...whole, testCase('dial', { timeout: '30' }), expecting(codecIs('PCMU'), 'answered'));
    bench.send('case');
    await bench.next('answered');
    await bench.unload();
    assert.equal(processTests.cases.length, 0);
    await bench.load(...whole, testCase('dial'), expecting(codecIs('PCMU'), 'hang'));
    assert.equal(reasonOf(await verdictOf(bench)), 'passed ');
  });
});
