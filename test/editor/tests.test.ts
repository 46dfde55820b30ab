import assert from 'node:assert/strict';
import { exampleFiles, exampleFlow } from '../package/support/node-red';
import { nodeRedMajor } from '../support/node-red-path';
import { editorOf } from './fixture';

const flow = exampleFiles.filter((file) => file.startsWith('14')).flatMap(exampleFlow);
const idOf = (type: string, name: string): string =>
  String(flow.find((node) => node.type === type && node.name === name)?.id);

describe(`tests in the editor of Node-RED ${nodeRedMajor}`, function () {
  this.timeout(200000);
  const { open } = editorOf(flow);

  it('a list of checks offers what fits a subject, moves by keyboard, and is stored without what does not apply', async () => {
    const editor = await open('en-US', 'light');
    const id = idOf('sip-expect', 'Refused as expected?');
    await editor.openForm(id);
    const rows = '.sipflow-check';
    const choose = (row: number, part: string, value: string): Promise<void> =>
      editor.run(
        `$('${rows}').eq(${row}).find('.sipflow-check-${part}').val('${value}').trigger('change'); undefined`,
      );
    const operators = (row: number): Promise<string[]> =>
      editor.run(
        `$('${rows}').eq(${row}).find('.sipflow-check-operator option').get().map(({ value }) => value)`,
      );
    const add = (): Promise<void> =>
      editor.run(`$('.red-ui-editableList-addButton').trigger('click'); undefined`);

    assert.ok((await operators(0)).includes('between'));
    await add();
    await choose(1, 'subject', 'header');
    assert.deepEqual(await operators(1), ['is', 'isNot', 'contains', 'matches', 'exists', 'absent']);
    assert.equal(
      await editor.run(`$('${rows}').eq(1).hasClass('sipflow-check-wrong')`),
      true,
      'it needs a name',
    );
    await editor.run(
      `$('${rows}').eq(1).find('.sipflow-check-of input').eq(0).val('X-Ticket').trigger('change'); undefined`,
    );
    await editor.run(
      `$('${rows}').eq(1).find('.sipflow-check-of input').eq(1).val('INVITE').trigger('change'); undefined`,
    );
    await choose(1, 'operator', 'exists');
    assert.equal(await editor.run(`$('${rows}').eq(1).hasClass('sipflow-check-wrong')`), false);
    await add();
    await choose(2, 'subject', 'codec');
    await choose(2, 'severity', 'warning');
    await editor.screenshot('sip-expect-checks');
    await editor.run(`$('${rows}').eq(1).find('.sipflow-check-subject').trigger('focus')`);
    await editor.chord('Alt', 'ArrowUp');
    await editor.run(`$('#node-dialog-ok').trigger('click')`);
    await editor.until(`$('.red-ui-tray').length === 0`);
    assert.deepEqual(await editor.run(`RED.nodes.node('${id}').checks`), [
      { subject: 'header', name: 'X-Ticket', message: 'INVITE', operator: 'exists', severity: 'error' },
      { subject: 'status', operator: 'is', value: 'row.status', valueType: 'msg', severity: 'error' },
      { subject: 'codec', operator: 'is', value: 'PCMU', valueType: 'str', severity: 'warning' },
    ]);
    assert.equal(await editor.run(`RED.nodes.node('${id}').valid`), true);
    await editor.openForm(id);
    assert.deepEqual(
      await editor.run(`sipflow.checksOf('#sipflow-checks')`),
      await editor.run(`RED.nodes.node('${id}').checks`),
      'shown again as it is stored',
    );
    await editor.closeForm();
    assert.deepEqual(editor.complaints, []);
    await editor.page.close();
  });

  it('several rows at once are wrong until the phones are shared', async () => {
    const editor = await open('en-US', 'light');
    await editor.openForm(idOf('sip-test-case', 'IVR menu'));
    const wrong = (): Promise<boolean> => editor.run(`$('#node-input-rowsAtOnce').hasClass('input-error')`);
    assert.equal(await wrong(), false);
    await editor.run(`$('#node-input-sharedPhones').prop('checked', false).trigger('change'); undefined`);
    assert.equal(await wrong(), true);
    await editor.closeForm();
    await editor.page.close();
  });

  it('the button of a test case runs it, and the node shows its verdict', async () => {
    const editor = await open('en-US', 'light');
    const id = idOf('sip-test-case', 'IVR menu');
    await editor.press(id);
    await editor.until(
      `$('.red-ui-notification-success, .notification-success').text().includes('IVR menu')`,
    );
    await editor.press(id);
    await editor.until(`$('#red-ui-notifications').text().includes('running already')`);
    await editor.until(`String(RED.nodes.node('${id}').status?.text) === '4 passed'`);
    await editor.flowPicture('test-case-14');
    assert.deepEqual(
      editor.complaints.filter((text) => !text.includes('409')),
      [],
    );
    await editor.page.close();
  });
});
