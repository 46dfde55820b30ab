import assert from 'node:assert/strict';
import { exampleFiles, exampleFlow } from '../package/support/node-red';
import { nodeRedMajor } from '../support/node-red-path';
import { editorOf } from './fixture';

const flow = exampleFiles.filter((file) => file.startsWith('23')).flatMap(exampleFlow);
const idOf = (type: string): string => String(flow.find((node) => node.type === type)?.id);

describe(`loads in the editor of Node-RED ${nodeRedMajor}`, function () {
  this.timeout(200000);
  const { open } = editorOf(flow);

  it('a form offers the test cases, and says what is wrong with stages and thresholds', async () => {
    const editor = await open('en-US', 'light');
    const id = idOf('sip-load');
    await editor.openForm(id);
    const shown = await editor.run<string[]>(
      `$('#sipflow-case option').get().map((each) => each.textContent)`,
    );
    assert.deepEqual(shown, ['none', 'A call']);
    assert.equal(await editor.run(`$('#sipflow-case').val()`), idOf('sip-test-case'));
    assert.deepEqual(await editor.run(`sipflow.namesOf('#sipflow-expect')`), [
      'failed < 1%',
      'p95 setup < 1 s',
    ]);
    await editor.screenshot('sip-load');
    const write = (selector: string, value: string): Promise<void> =>
      editor.run(`$('${selector}').val('${value}').trigger('change'); undefined`);
    const isWrong = (selector: string): Promise<boolean> =>
      editor.run(`$('${selector}').hasClass('input-error')`);
    await write('#node-input-stages', 'ten a second');
    assert.equal(await isWrong('#node-input-stages'), true);
    await write('#node-input-stages', 'warm-up 1/s for 1s, 10/s to 1/min for 1m30s, 2 calls for 1h');
    assert.equal(await isWrong('#node-input-stages'), false);
    await write('.sipflow-listed:first', 'p95 speed < 1');
    assert.equal(await isWrong('.sipflow-listed:first'), true);
    await write('.sipflow-listed:first', 'asr >= 98 %');
    await editor.run(`$('#node-dialog-ok').trigger('click')`);
    await editor.until(`$('.red-ui-tray').length === 0`);
    const stored = await editor.run<Record<string, unknown>>(
      `(({ case: named, expect, valid }) => ({ named, expect, valid }))(RED.nodes.node('${id}'))`,
    );
    assert.deepEqual(stored, {
      named: idOf('sip-test-case'),
      expect: ['asr >= 98 %', 'p95 setup < 1 s'],
      valid: true,
    });
    assert.deepEqual(editor.complaints, []);
    await editor.page.close();
  });

  it('an imported copy runs the copy of its case', async () => {
    const editor = await open('en-US', 'light');
    await editor.run(`RED.nodes.import(${JSON.stringify(flow)}, { generateIds: true }); undefined`);
    const pairs = await editor.run<[string, string][]>(
      `RED.nodes.filterNodes({ type: 'sip-load' }).map((load) => [load.z, (RED.nodes.node(load.case) || {}).z])`,
    );
    assert.equal(pairs.length, 2);
    for (const [tab, tabOfCase] of pairs) assert.equal(tabOfCase, tab);
    await editor.page.close();
  });

  it('the sidebar runs a case as a load, draws its course, and tells what came of it', async () => {
    const editor = await open('en-US', 'light');
    await editor.run(`RED.sidebar.show('sipflow'); $('#sipflow-tab-of-tests').trigger('click'); undefined`);
    const key = `load ${idOf('sip-test-case')}`;
    await editor.until(`$('[data-key="${key}"]').length === 1`);
    await editor.run(`$('[data-key="${key}"]').trigger('focus').trigger('click'); undefined`);
    await editor.until(`$('.sipflow-load input').length === 2`);
    assert.equal(await editor.run(`document.activeElement.textContent`), 'A call');
    const write = (name: string, value: string): Promise<void> =>
      editor.run(`$('.sipflow-load input[name=${name}]').val('${value}'); undefined`);
    const press = (text: string): Promise<void> =>
      editor.run(`$('.sipflow-load button:contains("${text}")').trigger('click'); undefined`);
    await write('stages', '5/s for 4s');
    await write('expect', 'failed < 1%, attempts >= 20');
    await press('Start');
    await editor.until(
      `/^\\d+ under way · \\d+\\/s · 0 failed$/.test($('.sipflow-load [role=status]').text())`,
    );
    await editor.until(`$('.sipflow-load .time-chart').length === 3`);
    await editor.until(`/passed|not judged/.test($('.sipflow-load [role=status]').text())`);
    const told = await editor.run<string>(`$('.sipflow-load').text()`);
    assert.match(told, /✓ failed < 1% · got 0 %.*✓ attempts >= 20 · got 20/);
    const tooWide = await editor.run<number>(
      `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)($('.sipflow-load')[0])`,
    );
    assert.ok(tooWide <= 0, `${tooWide} pixels too wide`);
    await editor.screenshot('sidebar-load');
    await press('Back');
    await editor.until(`$('.sipflow-load').length === 0 && $('[data-key="${key}"]').is(':focus')`);
    assert.deepEqual(editor.complaints, []);
    await editor.page.close();
  });

  it('the button starts a load, and the node shows how it goes and what came of it', async () => {
    const editor = await open('en-US', 'light');
    const id = idOf('sip-load');
    await editor.press(id);
    await editor.until(`$('#red-ui-notifications').text().includes('Load started')`);
    await editor.until(`/^\\d+ · \\d+\\/s · 0 failed$/.test(String(RED.nodes.node('${id}').status?.text))`);
    await editor.press(id);
    await editor.until(`$('#red-ui-notifications').text().includes('running already')`);
    await editor.until(`/passed|limit/.test(String(RED.nodes.node('${id}').status?.text))`);
    await editor.flowPicture('load-23');
    assert.deepEqual(
      editor.complaints.filter((text) => !text.includes('409')),
      [],
    );
    await editor.page.close();
  });
});
