import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STORED_VERSION } from '../../nodes/shared/migrations';
import { nodeSets } from './support/editor';
import { exampleFiles, exampleFlow, root } from './support/node-red';

interface FlowEntry {
  id: string;
  type: string;
  z?: string;
  g?: string;
  name?: string;
  x?: number;
  wires?: string[][];
  links?: string[];
  [field: string]: unknown;
}

const CORE = [
  ...[
    'tab',
    'group',
    'comment',
    'inject',
    'debug',
    'catch',
    'status',
    'complete',
    'link in',
    'link out',
    'link call',
  ],
  ...['function', 'switch', 'change', 'range', 'template', 'delay', 'trigger', 'split', 'join', 'batch'],
  ...['http in', 'http response', 'mqtt in', 'mqtt out', 'mqtt-broker', 'tls-config'],
];
/** What a tab's properties set. */
const variables = (entry: FlowEntry): { name: string; value: string }[] =>
  entry.type === 'tab' ? (entry.env as { name: string; value: string }[]) : [];

const definitions = new Map(nodeSets().map((set) => [set.type, set.definition]));

for (const file of exampleFiles) {
  describe(`example ${file}`, () => {
    const flow = exampleFlow(file) as unknown as FlowEntry[];
    const byId = new Map(flow.map((entry) => [entry.id, entry]));
    const number = /^(\d\d) - .+\.json$/.exec(file)?.[1] ?? '';

    it('uses core nodes and ours only, each with a name and ids of its own', () => {
      assert.equal(byId.size, flow.length, 'ids are unique');
      for (const entry of flow) {
        assert.ok(CORE.includes(entry.type) || definitions.has(entry.type), entry.type);
        if (entry.x !== undefined && entry.type !== 'group')
          assert.ok(entry.name, `${entry.type} ${entry.id} has a name`);
        assert.ok(entry.id.startsWith(`sf${number}`), `${entry.id} cannot clash with another example`);
      }
    });

    it('stores every field of our nodes in their order and no other, so that it stays stable under diff', () => {
      const always = ['id', 'type', 'z', 'g', 'name', 'x', 'y', 'wires'];
      for (const entry of flow) {
        const definition = definitions.get(entry.type);
        if (!definition) continue;
        const stored = Object.keys(entry).filter((key) => !always.includes(key));
        const expected = Object.keys(definition.defaults).filter((key) => key !== 'name');
        assert.deepEqual(stored, expected, `${entry.type} ${entry.name}: "npm run docs" completes it`);
        assert.equal(entry.version, STORED_VERSION);
      }
    });

    it('stores nothing twice, and looks as Node-RED exports it', () => {
      const text = readFileSync(join(root, 'examples', file), 'utf8');
      assert.equal(text.trimEnd(), JSON.stringify(flow, null, 2));
    });

    it('wires and links lead to nodes that exist, and every group member says so', () => {
      for (const entry of flow) {
        for (const target of [...(entry.wires ?? []).flat(), ...(entry.links ?? [])])
          assert.ok(byId.has(target), target);
        if (definitions.has(entry.type) && entry.wires)
          assert.equal(entry.wires.length, entry.outputs ?? definitions.get(entry.type)?.outputs);
        if (entry.type !== 'group') continue;
        for (const member of entry.nodes as string[]) assert.equal(byId.get(member)?.g, entry.id);
      }
    });

    it('has no Catch node that catches errors of its own path, which would go round for ever', () => {
      for (const entry of flow.filter(({ type }) => type === 'catch')) {
        const path = new Set<string>();
        const follow = (id: string): void => {
          if (path.has(id)) return;
          path.add(id);
          const { wires = [], links = [], type } = byId.get(id) as FlowEntry;
          for (const next of [...wires.flat(), ...(type === 'link out' ? links : [])]) follow(next);
        };
        follow(entry.id);
        assert.ok(Array.isArray(entry.scope), `${entry.id} names the nodes that it watches`);
        for (const watched of entry.scope as string[]) assert.ok(!path.has(watched), byId.get(watched)?.name);
      }
    });

    it('says in a comment how to trigger it', () => {
      assert.ok(flow.some((entry) => entry.type === 'comment' && /trigger/i.test(entry.name ?? '')));
    });

    it('uses its own numbers', () => {
      // Example 0 is the first that anybody sees: its numbers are short.
      // Example 1 owns 1001 to 1009, example 12 owns 1201 to 1209: four digits in either case.
      const own =
        number === '00'
          ? /^10[1-9]$/
          : number === '20'
            ? /^2000[1-9]$/
            : new RegExp(`^${String(Number(number)).padEnd(2, '0')}0[1-9]$`);
      // Example 20 would own the numbers of example 2, and has five digits.
      // Example 10 would own the numbers of example 1. Its PBX has extensions of five digits, set in the flow.
      const extension = /^10(00[1-9])$/;
      const env = new Map(flow.flatMap(variables).map(({ name, value }) => [name, value]));
      for (const { type, dn } of flow) {
        if (type !== 'sip-instance') continue;
        if (number === '10') assert.match(env.get(String(dn).slice(2, -1)) ?? '', extension);
        else assert.match(String(dn), own);
      }
    });
  });
}

describe('the examples together', () => {
  it('have at most 250 lines of JavaScript, and those about menus none', () => {
    const linesOf = (file: string): number =>
      exampleFlow(file)
        .flatMap(({ func, initialize, finalize }) => [func, initialize, finalize])
        .flatMap((code) => (typeof code === 'string' ? code.split('\n') : []))
        .filter((line) => line.trim() !== '').length;
    const total = exampleFiles.reduce((sum, file) => sum + linesOf(file), 0);
    assert.ok(total <= 250, `${total} lines`);
    for (const file of exampleFiles.filter((name) => /^(02|20|21)/.test(name)))
      assert.equal(linesOf(file), 0, file);
  });

  it('have a menu of two levels in nine nodes', () => {
    const file = exampleFiles.find((name) => name.startsWith('20')) ?? '';
    const flow = exampleFlow(file) as unknown as FlowEntry[];
    const ivr = flow.find(({ type, name }) => type === 'group' && name === 'Phone 20002 (IVR)');
    const types = flow.filter(({ g }) => g === ivr?.id).map(({ type }) => type);
    assert.equal(types.length, 9);
    assert.equal(types.filter((type) => type === 'sip-menu').length, 2);
  });

  it('show every node type', () => {
    const used = new Set(exampleFiles.flatMap(exampleFlow).map(({ type }) => type));
    assert.deepEqual(
      [...definitions.keys()].filter((type) => !used.has(type)),
      [],
    );
  });
});
