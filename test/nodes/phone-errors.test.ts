import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import { Bench, errorOf, phone, type FlowNode } from './support/bench';

const tab = (id: string): FlowNode => ({ id, type: 'tab', label: id });
const user = (id: string, fields: Record<string, unknown> = {}): FlowNode => ({
  id,
  type: 'sip-call-events',
  instance: 'phone1001',
  wires: [[]],
  ...fields,
});
const catcher = (id: string, fields: Record<string, unknown> = {}): FlowNode => ({
  id,
  type: 'catch',
  scope: null,
  uncaught: false,
  wires: [[`heard-${id}`]],
  ...fields,
});
const group = (id: string, fields: Record<string, unknown> = {}): FlowNode => ({
  id,
  type: 'group',
  nodes: [],
  ...fields,
});

describe('errors and statuses of a phone', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  /** Raises two errors at the phone, and returns what each Catch node got until it got the second. */
  async function heard(...catchers: string[]): Promise<Record<string, string[]>> {
    const node = helper.getNode('phone1001');
    for (const sentence of ['first', 'last']) node.error(sentence, {});
    const all: Record<string, string[]> = {};
    for (const id of catchers) {
      const sentences: string[] = (all[id] = []);
      while (sentences.at(-1) !== 'last') {
        const error = errorOf(await bench.next(`heard-${id}`));
        assert.equal(error.source.id, 'phone1001');
        sentences.push(error.message);
      }
    }
    return all;
  }
  const once = ['first', 'last'];

  for (const count of [2, 3]) {
    it(`reach a Catch node once when ${count} nodes of its tab use the phone`, async () => {
      const users = Array.from({ length: count }, (_, index) => user(`user${index}`));
      await bench.load(phone('1001'), ...users, catcher('all'));
      assert.deepEqual(await heard('all'), { all: once });
      assert.equal(bench.count('heard-all'), 2);
    });
  }

  it('reach the Catch nodes of both tabs on which the phone is used, each once', async () => {
    await bench.load(
      ...[tab('other'), phone('1001'), user('a'), user('b'), catcher('here')],
      ...[user('c', { z: 'other' }), user('d', { z: 'other' }), catcher('there', { z: 'other' })],
    );
    assert.deepEqual(await heard('here', 'there'), { here: once, there: once });
    assert.deepEqual([bench.count('heard-here'), bench.count('heard-there')], [2, 2]);
  });

  it('reach a Catch node for some nodes once when any of them uses the phone, and else not at all', async () => {
    await bench.load(
      ...[phone('1001'), user('a'), user('b'), user('c')],
      catcher('one', { scope: ['a'] }),
      catcher('two', { scope: ['b', 'c'] }),
      catcher('none', { scope: ['one', 'elsewhere'] }),
      catcher('all'),
    );
    assert.deepEqual(await heard('one', 'two', 'all'), { one: once, two: once, all: once });
    assert.equal(bench.count('heard-none'), 0);
  });

  it('reach a Catch node for its group once when nodes of the group use the phone', async () => {
    await bench.load(
      ...[phone('1001'), user('a', { g: 'outer' }), user('b', { g: 'inner' }), user('c')],
      ...[group('outer'), group('inner', { g: 'outer' }), group('beside')],
      catcher('outside', { scope: 'group', g: 'outer' }),
      catcher('inside', { scope: 'group', g: 'inner' }),
      catcher('next', { scope: 'group', g: 'beside' }),
    );
    assert.deepEqual(await heard('outside', 'inside'), { outside: once, inside: once });
    assert.equal(bench.count('heard-next'), 0);
  });

  it('reach a Catch node for uncaught errors once, unless another of its tab has them', async () => {
    const rest = { uncaught: true };
    await bench.load(
      ...[tab('other'), phone('1001'), user('a'), user('b')],
      ...[catcher('some', { scope: ['b'] }), catcher('rest', rest)],
      ...[user('c', { z: 'other' }), user('d', { z: 'other' }), catcher('rest2', { ...rest, z: 'other' })],
    );
    assert.deepEqual(await heard('some', 'rest2'), { some: once, rest2: once });
    assert.equal(bench.count('heard-rest'), 0);
    assert.equal(bench.count('heard-rest2'), 2);
  });

  it('leave a subflow that does not catch them once, however many of it stand on the tab', async () => {
    const inside = user('inside', { z: 'sub' });
    const sub = { id: 'sub', type: 'subflow', name: 'sub', in: [], out: [] };
    await bench.load(
      ...[sub, phone('1001'), inside, user('a'), catcher('all')],
      ...['x', 'y'].map((id) => ({ id, type: 'subflow:sub', wires: [] })),
    );
    assert.deepEqual(await heard('all'), { all: once });
  });

  it('reach a Status node once', async () => {
    const status = { id: 'status', type: 'status', scope: null, wires: [['statuses']] };
    await bench.load(phone('1001'), user('a'), user('b'), user('c'), status);
    await bench.portOf('phone1001');
    const node = helper.getNode('phone1001');
    for (const text of ['first', 'last']) node.status({ fill: 'red', shape: 'ring', text });
    const texts: string[] = [];
    while (texts.at(-1) !== 'last') {
      const { text, source } = (await bench.next('statuses')).status as {
        text: string;
        source: { id: string };
      };
      if (source.id === 'phone1001') texts.push(text);
    }
    assert.deepEqual(
      texts.filter((text) => !text.startsWith('status.') && !text.includes(':')),
      once,
    );
  });
});
