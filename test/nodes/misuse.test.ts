import assert from 'node:assert/strict';
import { Bench, callOf, catchAll, errorOf, phone, type FlowNode } from './support/bench';
import { answeredCall, ringingCall } from './support/calls';

const failureOf = (msg: Record<string, unknown>) => msg.failure as { code: string };
const hangup: FlowNode = { id: 'end', type: 'sip-hangup', wires: [['over']] };

describe('messages that flows should not send', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  it('gives each message of a flood one outcome, and takes calls again afterwards', async () => {
    const messages = 300;
    const room = 10;
    await bench.load(
      phone('1001', { maxCalls: String(room) }),
      phone('1002'),
      {
        id: 'dial',
        type: 'sip-make-call',
        instance: 'phone1001',
        target: '1002',
        wires: [['up'], [], ['down']],
      },
      { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
      { id: 'pick', type: 'sip-answer', wires: [[], []] },
      hangup,
      catchAll,
    );
    for (let n = 0; n < messages; n++) bench.send('dial', { n });
    const seen = new Set<unknown>();
    const calls = [];
    for (let n = 0; n < room; n++) {
      const msg = await bench.next('up');
      seen.add(msg.n);
      calls.push(msg.call);
    }
    for (let n = room; n < messages; n++) {
      const msg = await bench.next('errors');
      assert.equal(errorOf(msg).code, 'MAX_CALLS');
      seen.add(msg.n);
    }
    assert.equal(seen.size, messages);
    for (const call of calls) bench.send('end', { call });
    await Promise.all(calls.map(() => bench.next('over')));
    bench.send('dial');
    await bench.next('up');
    assert.deepEqual([bench.count('up'), bench.count('down')], [room + 1, 0]);
  });

  describe('out of order', () => {
    const nodes: FlowNode[] = [
      { id: 'answer', type: 'sip-answer' },
      { id: 'reject', type: 'sip-reject' },
      { id: 'early', type: 'sip-early-media', source: 'silence' },
      { id: 'play', type: 'sip-play-audio', source: 'silence' },
      { id: 'record', type: 'sip-record' },
      { id: 'keys', type: 'sip-send-dtmf', digits: '1' },
      { id: 'gather', type: 'sip-receive-dtmf' },
      { id: 'hold', type: 'sip-hold', action: 'hold' },
      { id: 'transfer', type: 'sip-transfer', kind: 'blind', target: '1002' },
      { id: 'bridge', type: 'sip-bridge', peerCall: 'call', peerCallType: 'msg' },
      { id: 'wait', type: 'sip-wait', event: 'answered' },
    ].map((node) => ({ ...node, wires: [['first'], ['second'], ['third'], ['fourth']] }));

    it('tells of nodes for incoming calls when a flow gives them one that it made', async () => {
      const { caller } = await answeredCall(bench, ...nodes);
      for (const id of ['answer', 'reject', 'early']) {
        bench.send(id, { call: caller });
        const error = errorOf(await bench.next('errors'));
        assert.deepEqual([error.source.id, error.code], [id, 'CALL_STATE']);
        assert.match(error.message, /this node is for incoming calls/);
      }
    });

    it('tells of every node that there is no such call yet', async () => {
      await bench.load(...nodes, catchAll);
      for (const { id } of nodes) {
        bench.send(id, {});
        const error = errorOf(await bench.next('errors'));
        assert.deepEqual([error.source.id, error.code], [id, 'CALL_UNKNOWN'], error.message);
      }
    });

    it('says that the call is over, once for each message, by the output made for it or as an error', async () => {
      const { caller } = await answeredCall(bench, ...nodes, hangup);
      bench.send('end', { call: caller });
      await bench.next('over');
      const outputs = ['first', 'second', 'third', 'fourth', 'errors'];
      const where: Record<string, string> = { play: 'third', gather: 'fourth', wait: 'third' };
      for (const { id } of nodes) {
        const before = outputs.map((output) => bench.count(output));
        const output = where[id] ?? 'errors';
        bench.send(id, { call: caller });
        const msg = await bench.next(output);
        if (output === 'errors') assert.equal(errorOf(msg).code, 'CALL_ENDED', id);
        else if (msg.failure) assert.equal(failureOf(msg).code, 'CALL_ENDED', id);
        const arrived = outputs.map((name, n) => bench.count(name) - (before[n] ?? 0));
        assert.equal(
          arrived.reduce((sum, n) => sum + n),
          1,
          id,
        );
      }
    });

    it('does not answer a call that this side made, nor one that is answered', async () => {
      const { caller, callee } = await answeredCall(bench, {
        id: 'again',
        type: 'sip-answer',
        wires: [[], []],
      });
      for (const call of [caller, callee]) {
        bench.send('again', { call });
        assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
      }
    });
  });

  describe('one call in two nodes at once', () => {
    const twice = (node: FlowNode): FlowNode[] =>
      ['one', 'two'].map((name) => ({
        ...node,
        id: `${node.id}-${name}`,
        wires: [[`${node.id}-${name}-out`]],
      }));

    it('lets the first gather go on, and refuses the second', async () => {
      const { caller, callee } = await answeredCall(
        bench,
        ...twice({ id: 'gather', type: 'sip-receive-dtmf', maxDigits: '1' }),
        { id: 'keys', type: 'sip-send-dtmf', digits: '7', wires: [[], []] },
      );
      bench.send('gather-one', { call: callee });
      bench.send('gather-two', { call: callee });
      const error = errorOf(await bench.next('errors'));
      assert.deepEqual([error.source.id, error.code], ['gather-two', 'CALL_STATE']);
      bench.send('keys', { call: caller });
      assert.equal(((await bench.next('gather-one-out')).dtmf as { digits: string }).digits, '7');
      assert.equal(bench.count('gather-two-out'), 0);
    });

    it('answers once, and refuses the second answer', async () => {
      const { callee } = await ringingCall(bench, ...twice({ id: 'pick', type: 'sip-answer' }));
      bench.send('pick-one', { call: callee });
      bench.send('pick-two', { call: callee });
      await bench.next('pick-one-out');
      const error = errorOf(await bench.next('errors'));
      assert.deepEqual([error.source.id, error.code], ['pick-two', 'CALL_STATE']);
    });

    it('lets two nodes hang up', async () => {
      const { caller } = await answeredCall(bench, ...twice({ id: 'end', type: 'sip-hangup' }));
      bench.send('end-one', { call: caller });
      bench.send('end-two', { call: caller });
      await Promise.all([bench.next('end-one-out'), bench.next('end-two-out')]);
    });

    it('bridges once, and refuses the second bridge', async () => {
      const { caller } = await answeredCall(
        bench,
        phone('1003'),
        {
          id: 'dial3',
          type: 'sip-make-call',
          instance: 'phone1001',
          target: '1003',
          wires: [['up'], [], []],
        },
        { id: 'ring3', type: 'sip-incoming-call', instance: 'phone1003', wires: [['pick']] },
        {
          ...{ id: 'join-one', type: 'sip-bridge', peerCall: 'peer', peerCallType: 'msg' },
          wires: [['parted'], [], ['joined']],
        },
        { id: 'join-two', type: 'sip-bridge', peerCall: 'peer', peerCallType: 'msg', wires: [[], [], []] },
        hangup,
      );
      bench.send('dial3');
      const peer = callOf(await bench.next('up'));
      bench.send('join-one', { call: caller, peer });
      await bench.next('joined');
      bench.send('join-two', { call: caller, peer });
      const error = errorOf(await bench.next('errors'));
      assert.deepEqual([error.source.id, error.code], ['join-two', 'CALL_STATE']);
      assert.equal(bench.count('parted'), 0);
      bench.send('end', { call: peer });
      await bench.next('parted');
    });
  });
});
