import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { nodeSets } from '../package/support/editor';
import { NodeRed, root } from '../package/support/node-red';
import { nodeRedMajor } from '../support/node-red-path';
import { openBrowser } from './chromium';
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

describe(`flows that leave fields out, in the editor of Node-RED ${nodeRedMajor}`, function () {
  this.timeout(400000);
  const nodeRed = new NodeRed();
  let browser: Browser | undefined;
  let editor: Editor;

  before(async function () {
    browser = await openBrowser(this);
    nodeRed.install();
    await nodeRed.start([
      { id: TAB, type: 'tab', label: 'bare', disabled: true },
      ...bare,
      ...readdirSync(OLD)
        .flatMap(old)
        .map((entry) => (entry.type === 'tab' ? { ...entry, disabled: true } : entry)),
    ]);
    editor = await Editor.open(browser, nodeRed.url, 'en-US', 'light');
  });
  after(async () => {
    await browser?.close();
    await nodeRed.dispose();
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

  it('finds no fault in what such a node leaves out, but for the phone', async () => {
    const faults = await editor.run<string[]>(
      `${JSON.stringify(bare.map(({ id }) => id))}.flatMap((id) => RED.nodes.node(id).validationErrors.map((why) => id + ' ' + why))`,
    );
    const phoneless = ['make-call', 'incoming-call', 'call-events'].map(
      (type) => `bare-sip-${type} instance`,
    );
    assert.deepEqual(faults, phoneless);
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
});
