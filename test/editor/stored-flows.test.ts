import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MIGRATIONS, STORED_VERSION } from '../../nodes/shared/migrations';
import { nodeSets } from '../package/support/editor';
import { root } from '../package/support/node-red';
import { nodeRedMajor } from '../support/node-red-path';
import { editorOf } from './fixture';
import { Editor } from './page';

type Stored = Record<string, unknown> & { id: string; type: string };

/** The examples of version 0.1.0, as users have them in their flows. */
const OLD = join(root, 'test/fixtures/flows-0.1.0');
const old = (file: string): Stored[] => JSON.parse(readFileSync(join(OLD, file), 'utf8')) as Stored[];

const TAB = 'tab-of-bare-nodes';
/** A node of each type with nothing but what Node-RED itself needs. */
const bare: Stored[] = nodeSets().map(({ type, definition }) =>
  definition.category === 'config'
    ? { id: `bare-${type}`, type }
    : { id: `bare-${type}`, type, z: TAB, x: 100, y: 100, wires: [] },
);

/** Nodes of a version that does not exist yet, with fields that nobody knows. */
const FUTURE: Stored[] = [
  {
    id: 'future-wait',
    type: 'sip-wait',
    z: TAB,
    x: 100,
    y: 200,
    wires: [[], [], []],
    version: 9,
    tomorrow: { a: [1] },
  },
  { id: 'future-phone', type: 'sip-instance', dn: '4711', version: 9, tomorrow: 'x' },
];

describe(`flows that leave fields out, in the editor of Node-RED ${nodeRedMajor}`, function () {
  this.timeout(400000);
  const { open } = editorOf([
    { id: TAB, type: 'tab', label: 'bare', disabled: true },
    ...bare,
    ...FUTURE,
    ...readdirSync(OLD)
      .flatMap(old)
      .map((entry) => (entry.type === 'tab' ? { ...entry, disabled: true } : entry)),
  ]);
  let editor: Editor;
  before(async () => {
    editor = await open('en-US', 'light');
  });

  /** Opens a form and presses Done; returns what changed. */
  async function done(id: string): Promise<string[]> {
    // Node-RED keeps credentials beside the flow, and notes of them whether there are any once a form was open.
    const exported = () =>
      editor.run<string>(`(() => {
        const { credentials = {}, ...stored } = RED.nodes.createCompleteNodeSet().find(({ id }) => id === '${id}');
        return JSON.stringify({ ...stored, secrets: Object.values(credentials).filter(Boolean).length });
      })()`);
    const before = await exported();
    await editor.openForm(id);
    await editor.run(`$('#node-dialog-ok, #node-config-dialog-ok').filter(':visible').trigger('click')`);
    await editor.until(`$('.red-ui-tray').length === 0`);
    const changed = await editor.run<boolean>(`Boolean(RED.nodes.node('${id}').changed)`);
    const after = await exported();
    return [
      ...(changed ? [`${id} is marked changed`] : []),
      ...(after === before ? [] : [`${before} became ${after}`]),
    ];
  }

  it('shows a node that was stored without any field as a new one, and Done changes nothing', async () => {
    const faults: string[] = [];
    for (const { id, type } of bare) {
      await editor.openForm(id);
      const shown = await editor.run<string[]>(`(() => {
        const node = RED.nodes.node('${id}'), wrong = [];
        for (const [field, { value, type }] of Object.entries(node._def.defaults)) {
          const input = $('#node-' + (node._def.category === 'config' ? 'config-' : '') + 'input-' + field);
          if (!input.length || type || typeof value === 'object') continue;
          const says = input.is(':checkbox') ? input.prop('checked') : input.val();
          if (String(says) !== String(value)) wrong.push('${type} ' + field + ' shows ' + says + ' instead of ' + value);
        }
        return wrong;
      })()`);
      await editor.closeForm();
      faults.push(...shown, ...(await done(id)));
    }
    assert.deepEqual(faults, []);
    assert.equal(await editor.run('RED.nodes.dirty()'), false);
    assert.deepEqual(editor.complaints, []);
  });

  it('finds no fault in what such a node leaves out, but for the phone, its number, and the case of a load', async () => {
    // Judged as when the flow is loaded: while a form is open, what it lacks is filled in.
    const faults = await editor.run<string[]>(
      `${JSON.stringify(bare.map(({ id }) => id))}.flatMap((id) => {
        RED.editor.validateNode(RED.nodes.node(id));
        return RED.nodes.node(id).validationErrors.map((why) => id + ' ' + why);
      })`,
    );
    const phoneless = ['make-call', 'incoming-call', 'dial', 'call-events'].map(
      (type) => `bare-sip-${type} instance`,
    );
    assert.deepEqual(faults, [
      'bare-sip-instance Number: must not be empty',
      ...phoneless,
      'bare-sip-load Test case: must not be empty',
    ]);
  });

  it('keeps the nodes of flows of 0.1.0 as they are when Done is pressed without a change', async () => {
    const seen = new Set<string>();
    const faults: string[] = [];
    // One node for each set of stored fields: the others would open the same form.
    for (const node of readdirSync(OLD)
      .flatMap(old)
      .filter(({ type }) => type.startsWith('sip-'))) {
      const kind = [node.type, ...Object.keys(node).sort()].join(' ');
      if (seen.has(kind)) continue;
      seen.add(kind);
      faults.push(...(await done(node.id)));
    }
    assert.ok(seen.size >= 17, String(seen.size));
    assert.deepEqual(faults, []);
    assert.equal(await editor.run('RED.nodes.dirty()'), false);
    assert.deepEqual(editor.complaints, []);
  });

  const stored = (id: string) =>
    editor.run<Stored>(`RED.nodes.createCompleteNodeSet().find(({ id }) => id === '${id}')`);

  it('keeps the fields and the version of nodes of a later version, also when their form was open', async () => {
    for (const { id, ...fields } of FUTURE) {
      for (const opened of [false, true]) {
        if (opened) assert.deepEqual(await done(id), []);
        const { tomorrow, version } = await stored(id);
        assert.deepEqual({ tomorrow, version }, { tomorrow: fields.tomorrow, version: 9 });
      }
    }
  });

  it('stores a node of 0.1.0 whole and in the present version once its form is saved with a change', async () => {
    const phone = readdirSync(OLD)
      .flatMap(old)
      .find(({ type }) => type === 'sip-instance') as Stored;
    assert.equal(phone.version, 1);
    await editor.openForm(phone.id);
    await editor.run(`$('#node-config-input-displayName').val('changed').trigger('change'); undefined`);
    await editor.run(`$('#node-config-dialog-ok').trigger('click')`);
    await editor.until(`$('.red-ui-tray').length === 0`);
    const saved = await stored(phone.id);
    const absent = MIGRATIONS['sip-instance']?.[0]?.absent ?? {};
    for (const [field, value] of Object.entries(absent))
      assert.deepEqual(saved[field], phone[field] ?? value, field);
    assert.deepEqual([saved.version, saved.displayName], [STORED_VERSION, 'changed']);
    assert.equal(saved.transferPolicy, phone.transferPolicy);
    for (const field of Object.keys(phone).filter((name) => !['version', 'displayName'].includes(name)))
      assert.deepEqual(saved[field], phone[field], field);
    assert.deepEqual(editor.complaints, []);
  });
});
