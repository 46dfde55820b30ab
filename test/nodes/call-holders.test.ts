import assert from 'node:assert/strict';
import type { Call, CallInfo, CallRef, IncomingCall } from '../../lib/calls';
import { world } from '../../nodes/shared/world';
import { Phones, receive } from '../support/phones';
import { Bench, callOf, catchAll, phone, type DeployType, type FlowNode } from './support/bench';

const LIMIT_MS = 3000;
const local = { mode: 'network', bindAddress: '127.0.0.1', port: '0' };

const dial = (id: string, z: string, wires: string[]): FlowNode => ({
  ...{ id, z, type: 'sip-make-call', instance: 'phone1001', target: '1002' },
  wires: [wires, [], []],
});
const wait = (id: string, z: string): FlowNode => ({
  ...{ id, z, type: 'sip-wait', event: 'held', timeout: '600' },
  wires: [[], [], []],
});
const info: FlowNode = { id: 'info', z: 'monitor', type: 'sip-call-info', wires: [['told']] };
const tab = (id: string): FlowNode => ({ id, type: 'tab', label: id });

describe('who holds a call when a deploy restarts its nodes', () => {
  let bench: Bench;
  let phones: Phones;
  /** The far side of each call, in order. */
  let far: IncomingCall[];

  beforeEach(async () => {
    bench = new Bench();
    phones = new Phones({}, world);
    far = [];
    receive(await phones.phone('1002'), (call) => {
      far.push(call);
      void call.answer();
    });
  });
  afterEach(async () => {
    await bench.close();
    await phones.close();
  });

  /** Loads a phone, a tab that only looks at calls, and what the test is about. */
  const load = (...flow: FlowNode[]) => bench.load(tab('monitor'), phone('1001'), info, catchAll, ...flow);

  async function infoOf(call: CallRef): Promise<CallInfo> {
    bench.send('info', { call });
    return (await bench.next('told')).callInfo as CallInfo;
  }

  /** Deploys with these nodes edited, and looks at the call until it is over or the time is. */
  async function edit(type: DeployType, ...ids: string[]): Promise<number> {
    const began = performance.now();
    await bench.deploy(type, (node) => (ids.includes(node.id) ? { ...node, name: `edited ${began}` } : node));
    return began;
  }

  async function assertEnds(call: CallRef, side: Call | undefined, began: number): Promise<void> {
    assert.equal(await side?.waitFor('ended', { timeout: 5 }), 'event');
    const told = await side?.info();
    assert.equal(told?.endedBy, 'remote', 'the other side is told');
    const known = await infoOf(call);
    assert.ok(performance.now() - began < LIMIT_MS, `within ${LIMIT_MS} ms`);
    assert.equal(known.endedBy, 'local');
    assert.equal(known.reason, 'a deploy removed the nodes that held the call');
  }

  async function assertGoesOn(call: CallRef): Promise<void> {
    assert.equal((await infoOf(call)).state, 'answered');
  }

  it('of flows: the call that waits in an edited node ends, the call of another tab goes on', async () => {
    await load(
      tab('other'),
      dial('dial1', 'tab', ['wait1', 'up1']),
      wait('wait1', 'tab'),
      dial('dial2', 'other', ['wait2', 'up2']),
      wait('wait2', 'other'),
    );
    bench.send('dial1');
    const first = callOf(await bench.next('up1'));
    bench.send('dial2');
    const second = callOf(await bench.next('up2'));
    await bench.statusOf('wait2', ['status.waiting']);
    const began = await edit('flows', 'wait1');
    await assertEnds(first, far[0], began);
    await assertGoesOn(second);
    assert.equal(far[1]?.state, 'answered');
  });

  it('of flows: also when the node that made the call is not wired to the edited one, which has its message', async () => {
    await load(dial('dial', 'tab', ['up']), wait('wait', 'tab'));
    bench.send('dial');
    const call = callOf(await bench.next('up'));
    bench.send('wait', { call });
    await bench.statusOf('wait', ['status.waiting']);
    await assertEnds(call, far[0], await edit('flows', 'wait'));
  });

  it('of nodes: the call ends with the one node that had it, and goes on with any other', async () => {
    await load(dial('dial', 'tab', ['up']), wait('wait', 'tab'));
    bench.send('dial');
    const alone = callOf(await bench.next('up'));
    await assertEnds(alone, far[0], await edit('nodes', 'dial'));
    bench.send('dial');
    const call = callOf(await bench.next('up'));
    bench.send('wait', { call });
    await bench.statusOf('wait', ['status.waiting']);
    await edit('nodes', 'dial');
    await assertGoesOn(call);
    await assertEnds(call, far[1], await edit('nodes', 'wait'));
  });

  it('of nodes: the node that made the call keeps it when those after it are edited', async () => {
    await load(dial('dial', 'tab', ['wait', 'up']), wait('wait', 'tab'));
    bench.send('dial');
    const call = callOf(await bench.next('up'));
    await bench.statusOf('wait', ['status.waiting']);
    await edit('nodes', 'wait');
    await assertGoesOn(call);
    await assertEnds(call, far[0], await edit('flows', 'dial'));
  });

  /** A tab that makes the call and a tab that gets it by a link. */
  const linked = (): FlowNode[] => [
    tab('other'),
    dial('dial', 'tab', ['link', 'up']),
    { id: 'link', type: 'link out', mode: 'link', links: ['arrival', 'nowhere'] },
    { id: 'arrival', z: 'other', type: 'link in', links: ['link', 'nowhere'], wires: [['wait']] },
    wait('wait', 'other'),
  ];

  it('a link hands the call on: it lives and ends with the flow that it leads to', async () => {
    await load(...linked());
    bench.send('dial');
    const call = callOf(await bench.next('up'));
    await bench.statusOf('wait', ['status.waiting']);
    await edit('flows', 'dial');
    await assertGoesOn(call);
    await assertEnds(call, far[0], await edit('flows', 'wait'));
  });

  for (const type of ['flows', 'nodes'] satisfies DeployType[]) {
    it(`of ${type}: the call ends with the tab that it was handed to, deleted or disabled`, async () => {
      await load(...linked());
      bench.send('dial');
      const call = callOf(await bench.next('up'));
      await bench.statusOf('wait', ['status.waiting']);
      const began = performance.now();
      await bench.deploy(type, (node) =>
        type === 'flows'
          ? node.id === 'other'
            ? { ...node, disabled: true }
            : node
          : node.z === 'other' || node.id === 'other'
            ? undefined
            : node,
      );
      await assertEnds(call, far[0], began);
    });
  }

  it('a flow that got the call by a message of its own holds it beside the first', async () => {
    await load(tab('other'), dial('dial', 'tab', ['up']), wait('wait', 'other'));
    for (const [index, order] of [
      ['wait', 'dial'],
      ['dial', 'wait'],
    ].entries()) {
      bench.send('dial');
      const call = callOf(await bench.next('up'));
      bench.send('wait', { call });
      await bench.statusOf('wait', ['status.waiting']);
      await edit('flows', order[0] ?? '');
      await assertGoesOn(call);
      await assertEnds(call, far[index], await edit('flows', order[1] ?? ''));
    }
  });

  it('who only looks at a call does not hold it', async () => {
    await load(dial('dial', 'tab', ['up']));
    bench.send('dial');
    const call = callOf(await bench.next('up'));
    await assertGoesOn(call);
    await edit('flows', 'info');
    await assertGoesOn(call);
    await assertEnds(call, far[0], await edit('flows', 'dial'));
  });

  it('a subflow belongs to the tab where it is used', async () => {
    await load(
      { id: 'sub', type: 'subflow', name: 'sub', in: [{ x: 0, y: 0, wires: [{ id: 'inner' }] }], out: [] },
      wait('inner', 'sub'),
      { id: 'use', type: 'subflow:sub', wires: [] },
      dial('dial', 'tab', ['use', 'up']),
    );
    bench.send('dial');
    const call = callOf(await bench.next('up'));
    await edit('nodes', 'inner');
    await assertGoesOn(call);
    await assertEnds(call, far[0], await edit('flows', 'inner'));
  });

  it('a caller who rings in vain for a node that is gone hears 480 at once', async () => {
    await load(phone('1003', local), {
      id: 'ring',
      type: 'sip-incoming-call',
      instance: 'phone1003',
      wires: [['rings']],
    });
    const caller = await phones.phone('1004', { mode: 'network' });
    const call = await caller.dial({ target: `sip:1003@127.0.0.1:${await bench.portOf('phone1003')}` });
    await bench.next('rings');
    const began = await edit('nodes', 'ring');
    const outcome = await call.outcome;
    assert.deepEqual([outcome.kind, outcome.sip.status], ['failed', 480]);
    assert.ok(performance.now() - began < LIMIT_MS);
  });
});

describe('the longest call', () => {
  let bench: Bench;
  let phones: Phones;
  beforeEach(async () => {
    bench = new Bench();
    phones = new Phones({}, world);
    receive(await phones.phone('1002'), (call) => void call.answer());
  });
  afterEach(async () => {
    await bench.close();
    await phones.close();
  });

  for (const [where, phoneLimit, callLimit, reached] of [
    ['the phone', '0.3', '', '0.3'],
    ['make call, which overrides the phone', '600', '0.2', '0.2'],
  ] as const) {
    it(`is what ${where} says, and the call tells why it ended`, async () => {
      await bench.load(
        phone('1001', { maxCallDuration: phoneLimit }),
        {
          ...{ id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002' },
          ...{ maxCallDuration: callLimit, maxCallDurationType: 'num', wires: [['wait'], [], []] },
        },
        { id: 'wait', type: 'sip-wait', event: 'ended', wires: [['info'], ['late'], ['late']] },
        { id: 'info', type: 'sip-call-info', wires: [['told']] },
        catchAll,
      );
      bench.send('dial');
      const { endedBy, reason, durationMs } = (await bench.next('told')).callInfo as CallInfo;
      assert.deepEqual([endedBy, reason], ['local', `maximum call duration of ${reached} s reached`]);
      assert.ok(durationMs >= Number(reached) * 1000 - 50, `${durationMs} ms`);
    });
  }

  it('is refused when it is no time, and a 0 of make call lifts the limit of the phone', async () => {
    await bench.load(
      phone('1001', { maxCallDuration: '0.3' }),
      {
        ...{ id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002' },
        ...{ maxCallDuration: 'limit', maxCallDurationType: 'msg', wires: [['wait'], [], []] },
      },
      {
        id: 'wait',
        type: 'sip-wait',
        event: 'ended',
        timeout: '0.8',
        wires: [['over'], ['stands'], ['over']],
      },
      catchAll,
    );
    bench.send('dial', { limit: -1 });
    assert.equal(((await bench.next('errors')).error as { code: string }).code, 'BAD_CONFIG');
    bench.send('dial', { limit: 0 });
    await bench.next('stands');
  });
});
