import assert from 'node:assert/strict';
import { nodeSets } from '../package/support/editor';
import { exampleFiles, exampleFlow } from '../package/support/node-red';
import { nodeRedMajor } from '../support/node-red-path';
import { editorOf } from './fixture';
import { instanceFields } from '../../nodes/sip-instance/fields';
import { DEFAULTS } from '../../lib/common/defaults';
import { Editor } from './page';

/** The tabs of a phone's form, in their order. */
const TABS = Object.keys(instanceFields.rows ?? {});

/** Node-RED has a dark theme since its fifth version. */
const THEMES = nodeRedMajor >= 5 ? (['light', 'dark'] as const) : (['light'] as const);

describe(`the forms in the editor of Node-RED ${nodeRedMajor}`, function () {
  this.timeout(400000);
  const { open } = editorOf(exampleFiles.flatMap(exampleFlow));

  for (const language of ['en-US', 'ko']) {
    for (const theme of THEMES) {
      it(`shows every form in ${language}, ${theme}: each input has a name, nothing sticks out`, async () => {
        const editor = await open(language, theme);
        const faults: string[] = [];
        for (const { type } of nodeSets()) {
          await editor.openForm(await firstOf(editor, type));
          faults.push(...(await editor.faults(FAULTS)).map((fault) => `${type}: ${fault}`));
          await editor.screenshot(`${type}-${language}-${theme}`);
          if (type === 'sip-instance') {
            for (const kind of ['simulation', 'network']) {
              if (kind === 'network') await showNetworkFields(editor);
              for (const tab of TABS) {
                await editor.showTab(tab);
                faults.push(
                  ...(await editor.faults(FAULTS)).map((fault) => `${type} ${tab} (${kind}): ${fault}`),
                );
                await editor.screenshot(`${type}-${kind}-${tab}-${language}-${theme}`);
              }
            }
          }
          await editor.closeForm();
        }
        assert.deepEqual(faults, []);
        assert.deepEqual(editor.complaints, []);
        await editor.page.close();
      });
    }
  }

  it('lets the Tab key reach every control of every form, and each of them has something to say', async () => {
    const editor = await open('en-US', 'light');
    const faults: string[] = [];
    for (const { type } of nodeSets()) {
      await editor.openForm(await firstOf(editor, type));
      if (type === 'sip-instance') await showNetworkFields(editor);
      for (const tab of type === 'sip-instance' ? TABS : [undefined]) {
        if (tab) await editor.showTab(tab);
        faults.push(...(await editor.tabThroughForm()).map((fault) => `${type} ${tab ?? ''}: ${fault}`));
      }
      await editor.closeForm();
    }
    assert.deepEqual(faults, []);
    await editor.page.close();
  });

  it('hides what does not apply: an address where nobody is sent elsewhere, a level where no silence is waited for', async () => {
    const editor = await open('en-US', 'light');
    const shown = (field: string): Promise<boolean> =>
      editor.run(`$('#node-input-${field}').closest('.form-row').is(':visible')`);
    const write = (field: string, type: string, value: string): Promise<void> =>
      editor.run(
        `$('#node-input-${field}').typedInput('type', '${type}').typedInput('value', '${value}'); undefined`,
      );
    for (const [type, field, dependent, applies, applyNot] of [
      ['sip-reject', 'statusCode', 'contact', '302', '486'],
      ['sip-record', 'silenceStop', 'silenceLevel', '2.5', '0'],
    ] as const) {
      await editor.openForm(await firstOf(editor, type));
      await write(field, 'num', applyNot);
      assert.equal(await shown(dependent), false, `${dependent} at ${applyNot}`);
      await write(field, 'num', applies);
      assert.equal(await shown(dependent), true, `${dependent} at ${applies}`);
      await write(field, 'num', applyNot);
      await write(field, 'msg', 'wish');
      assert.equal(await shown(dependent), true, `${dependent} when computed`);
      await editor.closeForm();
    }
    assert.deepEqual(editor.complaints, []);
    await editor.page.close();
  });

  it('exports the examples as they are stored, field by field in the same order', async () => {
    const editor = await open('en-US', 'light');
    const stored = exampleFiles.flatMap(exampleFlow);
    const exported = await editor.run<{ id: string; type: string }[]>('RED.nodes.createCompleteNodeSet()');
    const byId = new Map(exported.map((entry) => [entry.id, entry]));
    const ours = stored.filter(({ type }) => String(type).startsWith('sip-'));
    assert.ok(ours.length > 100);
    for (const entry of ours)
      assert.equal(JSON.stringify(byId.get(String(entry.id))), JSON.stringify(entry), String(entry.name));
    await editor.page.close();
  });

  it('turns the pages of a phone by keyboard, tells a screen reader which is open, and marks one with a wrong field', async () => {
    const editor = await open('en-US', 'light');
    await editor.openForm(await firstOf(editor, 'sip-instance'));
    const openTabs = () =>
      editor.run<string[]>(`$('.sipflow-tab:visible').get().map(({ id }) => id.replace('sipflow-tab-', ''))`);
    const chosen = () =>
      editor.run<string>(`$('[role=tab][aria-selected=true]').not('.sipflow-sidebar *').text().trim()`);
    assert.deepEqual(await openTabs(), [TABS[0]]);
    await editor.run(`$('[role=tab][aria-selected=true]').not('.sipflow-sidebar *').trigger('focus')`);
    for (const tab of [...TABS.slice(1), TABS[0]]) {
      await editor.page.keyboard.press('ArrowRight');
      assert.deepEqual(await openTabs(), [tab]);
      assert.equal((await chosen()).toLowerCase(), tab);
    }
    await editor.page.keyboard.press('End');
    assert.deepEqual(await openTabs(), [TABS.at(-1)]);
    const panel = `$('#' + $(document.activeElement).attr('aria-controls'))`;
    assert.equal(await editor.run(`${panel}.attr('role') + ' ' + ${panel}.is(':visible')`), 'tabpanel true');

    const wrong = () =>
      editor.run<string[]>(`$('.sipflow-wrong').get().map((each) => each.getAttribute('aria-label'))`);
    assert.deepEqual(await wrong(), []);
    await editor.run(`$('#node-config-input-ptime').val('soon').trigger('change'); undefined`);
    await editor.until(`$('.sipflow-wrong').length === 1`);
    assert.match(String(await wrong()), /Audio \(a field is not right\)/);
    await editor.run(`$('#node-config-input-ptime').val('20').trigger('change'); undefined`);
    await editor.until(`$('.sipflow-wrong').length === 0`);
    await editor.closeForm();
    assert.deepEqual(editor.complaints, []);
    await editor.page.close();
  });

  it('lets the keyboard put the codecs of a phone in another order', async () => {
    const editor = await open('en-US', 'light');
    const id = await firstOf(editor, 'sip-instance');
    const order = () => editor.run<string[]>(`sipflow.namesOf('#sipflow-codecs')`);
    await editor.openForm(id);
    await editor.showTab('audio');
    assert.deepEqual(await order(), ['PCMU', 'PCMA']);
    await editor.run(`$('#sipflow-codecs .sipflow-listed').last().trigger('focus')`);
    await editor.chord('Alt', 'ArrowUp');
    assert.deepEqual(await order(), ['PCMA', 'PCMU']);
    await editor.chord('Alt', 'ArrowUp');
    assert.deepEqual(await order(), ['PCMA', 'PCMU']);
    await editor.chord('Alt', 'ArrowDown');
    assert.deepEqual(await order(), ['PCMU', 'PCMA']);
    await editor.chord('Alt', 'ArrowUp');
    await editor.run(`$('#node-config-dialog-ok').trigger('click')`);
    await editor.until(`$('.red-ui-tray').length === 0`);
    assert.deepEqual(await editor.run(`RED.nodes.node('${id}').codecs`), ['PCMA', 'PCMU']);
    await editor.page.close();
  });

  it('gives a menu an output for each choice, and moves its wires when choices come, go and change places', async () => {
    const editor = await open('en-US', 'light');
    const menus = exampleFlow('20 - IVR in nine nodes.json').filter(({ type }) => type === 'sip-menu');
    const { id, wires } = menus.at(-1) as { id: string; wires: string[][] };
    const [sales, support, ...rest] = wires;
    const exported = () =>
      editor.run<{ outputs: number; wires: string[][]; choices: object[] }>(
        `RED.nodes.createCompleteNodeSet().find((node) => node.id === '${id}')`,
      );
    const done = async (): Promise<void> => {
      await editor.run(`$('#node-dialog-ok').trigger('click')`);
      await editor.until(`$('.red-ui-tray').length === 0`);
    };
    await editor.openForm(id);
    await editor.screenshot('menu-choices');
    await editor.run(`$('.sipflow-branch input').first().trigger('focus')`);
    await editor.chord('Alt', 'ArrowDown');
    await editor.run(
      `$('#sipflow-choices').editableList('addItem', { match: '[3-5]', label: 'desk' }); undefined`,
    );
    await done();
    const changed = await exported();
    assert.deepEqual(changed.choices, [
      { match: '2', label: 'support' },
      { match: '1', label: 'sales' },
      { match: '[3-5]', label: 'desk' },
    ]);
    assert.equal(changed.outputs, 6);
    assert.deepEqual(changed.wires, [support, sales, [], ...rest]);
    const label = (output: number) =>
      editor.run<string>(`(() => {
        const node = RED.nodes.node('${id}');
        return node._def.outputLabels.call(node, ${output});
      })()`);
    assert.deepEqual([await label(2), await label(3)], ['desk', 'no input']);

    await editor.openForm(id);
    await editor.run(
      `$('#sipflow-choices .red-ui-editableList-item-remove').first().trigger('click'); undefined`,
    );
    await editor.until(`$('.sipflow-branch').length === 2`);
    await done();
    assert.deepEqual((await exported()).wires, [sales, [], ...rest]);

    await editor.openForm(id);
    await editor.run(`$('.sipflow-branch input').first().val('4').trigger('change'); undefined`);
    await done();
    assert.equal(await editor.run(`RED.nodes.node('${id}').valid`), false, '4 and [3-5] overlap');
    assert.deepEqual(editor.complaints, []);
    await editor.page.close();
  });

  it('plays what a field would say, and tells why it cannot', async () => {
    const editor = await open('en-US', 'light');
    await editor.openForm(await firstOf(editor, 'sip-play-audio'));
    const button = `$('#node-input-source').closest('.form-row').find('.sipflow-say')`;
    const write = (text: string) =>
      editor.run(`$('#node-input-source').typedInput('value', ${JSON.stringify(text)}); undefined`);
    await write('sipflow:welcome');
    assert.equal(await editor.run(`${button}.is(':visible')`), false);
    await write('say(--help):hello');
    assert.equal(await editor.run(`${button}.is(':visible')`), true);
    assert.match(await editor.run<string>(`${button}.attr('aria-label')`), /^Listen to what it says/);
    await editor.run(`${button}.trigger('focus')`);
    await editor.page.keyboard.press('Enter');
    await editor.until(`$('.red-ui-notification:visible').text().includes('can be no voice')`);
    await editor.screenshot('say-button');
    await editor.closeForm();
    await editor.page.close();
  });

  it('refuses the number of another simulated phone, and says whose it is', async () => {
    const editor = await open('en-US', 'light');
    const phones = exampleFiles.flatMap(exampleFlow).filter(({ type }) => type === 'sip-instance');
    const [phone, owner] = phones.filter(({ mode }) => mode === 'simulation');
    await editor.openForm(String(phone?.id));
    const write = async (number: unknown): Promise<boolean> => {
      const input = '#node-config-input-dn';
      await editor.page.click(input, { count: 3 });
      await editor.page.type(input, String(number));
      await editor.run(`$('${input}').trigger('change'); undefined`);
      return editor.run<boolean>(`$('${input}').hasClass('input-error')`);
    };
    assert.equal(await write(owner?.dn), true);
    await editor.page.hover('.red-ui-tray-toolbar');
    await editor.page.hover('#node-config-input-dn');
    await editor.until(`$('.red-ui-popover:visible').text().includes(${JSON.stringify(owner?.name)})`);
    await editor.screenshot('duplicate-number');
    assert.equal(await write('9999'), false);
    await editor.closeForm();
    assert.deepEqual(editor.complaints, []);
    await editor.page.close();
  });

  it('shows the SRTP suites of a phone while it may encrypt, those of the default for an older one', async () => {
    const editor = await open('en-US', 'light');
    const id = await firstOf(editor, 'sip-instance');
    await editor.run(`delete RED.nodes.node('${id}').srtpSuites; undefined`);
    await editor.openForm(id);
    await editor.showTab('audio');
    const choose = (srtp: string) =>
      editor.run(`$('#node-config-input-srtp').val('${srtp}').trigger('change'); undefined`);
    const shown = () => editor.run<boolean>(`$('#sipflow-srtpSuites').is(':visible')`);
    await choose('off');
    assert.equal(await shown(), false);
    await choose('required');
    assert.equal(await shown(), true);
    const order = () => editor.run<string[]>(`sipflow.namesOf('#sipflow-srtpSuites')`);
    assert.deepEqual(await order(), [...DEFAULTS.srtpSuites]);
    await editor.run(`$('#sipflow-srtpSuites .sipflow-listed').last().trigger('focus')`);
    await editor.chord('Alt', 'ArrowUp');
    const [first, second, third, fourth] = DEFAULTS.srtpSuites;
    await editor.run(`$('#node-config-dialog-ok').trigger('click')`);
    await editor.until(`$('.red-ui-tray').length === 0`);
    assert.deepEqual(await editor.run(`RED.nodes.node('${id}').srtpSuites`), [first, second, fourth, third]);
    await editor.page.close();
  });
});

/** The id of the first node of a type among the imported examples. */
async function firstOf(editor: Editor, type: string): Promise<string> {
  const id = await editor.run<string | undefined>(`(() => {
    let id;
    const look = (node) => { if (node.type === '${type}') id ??= node.id; };
    RED.nodes.eachNode(look);
    RED.nodes.eachConfig(look);
    return id;
  })()`);
  if (!id) throw new Error(`no example has a ${type}`);
  return id;
}

/** Makes the open form of a phone show the fields that only a network has. */
async function showNetworkFields(editor: Editor): Promise<void> {
  await editor.run(
    `$('#node-config-input-mode').val('network').trigger('change');$('#node-config-input-transport').val('tls').trigger('change');$('#node-config-input-registrar').val('pbx.example.com').trigger('input')`,
  );
  await editor.until(
    `$('#node-config-input-registerExpires').closest('.form-row').css('display') !== 'none'`,
  );
}

/** Looks at an open form: inputs without a name, texts that stick out of their box, texts that stayed keys. */
const FAULTS = `(() => {
  const faults = [];
  const form = $('.red-ui-tray .sipflow-form:visible');
  form.find('input:visible, select:visible, textarea:visible').each((_, input) => {
    const named = input.getAttribute('aria-label') || input.getAttribute('aria-labelledby') || $(input).closest('label').length
      || (input.id && form.find('label[for="' + input.id + '"]').text().trim()) || $(input).closest('.red-ui-typedInput-container').length
      || $(input).closest('.red-ui-searchBox-container').length;
    if (!named) faults.push('an input without a name: ' + (input.id || input.className));
  });
  form.find(':checkbox:visible').each((_, box) => {
    if (box.getBoundingClientRect().width > 24) faults.push('a stretched check box: ' + box.id);
  });
  const width = form[0].getBoundingClientRect().right + 2;
  form.find('*:visible').each((_, each) => {
    const box = each.getBoundingClientRect();
    if (box.width > 0 && box.right > width && each.children.length === 0) faults.push('sticks out: ' + (each.id || $(each).text().slice(0, 40)));
  });
  form.find('label:visible span[data-i18n], .sipflow-hint:visible, .red-ui-tab-label').each((_, each) => {
    if (/^(label|hint|option|tab)\\./.test($(each).text().trim())) faults.push('a key instead of a text: ' + $(each).text());
    if (each.scrollWidth > each.clientWidth + 2 && each.clientWidth > 0) faults.push('cut off: ' + $(each).text());
  });
  return faults;
})()`;
