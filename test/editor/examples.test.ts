import assert from 'node:assert/strict';
import { exampleFiles, exampleFlow } from '../package/support/node-red';
import { MqttBroker } from '../support/mqtt-broker';
import { nodeRedMajor } from '../support/node-red-path';
import { Pbx } from '../support/pbx';
import { nextCall, Phones } from '../support/phones';
import { editorOf } from './fixture';
import { Editor } from './page';

const files = exampleFiles;
const title = (file: string): string => file.replace(/\.json$/, '');

/** A usual laptop. */
const LAPTOP = { width: 1366, height: 768 };

/** What the debug sidebar shows after the button was pressed, where it is not `ok: true`. */
const OUTCOME: Record<string, string> = { '07': 'NO_COMMON_CODEC', '19': 'passed' };

describe(`the editor of Node-RED ${nodeRedMajor} in a browser`, function () {
  this.timeout(400000);
  const { open } = editorOf([]);

  it('imports every example from the menu, deploys it, and its button leads to the outcome', async () => {
    const peers = await openPeers();
    try {
      const editor = await open('en-US', 'light');
      for (const file of files) {
        if (file.startsWith('00')) await tryHello(editor, file);
        else await tryExample(editor, file, peers);
      }
      assert.deepEqual(editor.complaints, []);
      await editor.page.close();
    } finally {
      await peers.close();
    }
  });
});

/** Of the account that example 10 registers. */
const PASSWORD = 'secret';

/** What the examples with (MQTT) or (PBX) in their names call for. */
interface Peers {
  broker: MqttBroker;
  pbx: Pbx;
  close(): Promise<void>;
}

/** A broker, and a PBX with one extension that answers. */
async function openPeers(): Promise<Peers> {
  const broker = await MqttBroker.open();
  const pbx = await Pbx.open({ '10001': PASSWORD });
  const phones = new Phones();
  const extension = await phones.phone('10002', { mode: 'network' });
  pbx.bindings.set('10002', `sip:10002@127.0.0.1:${extension.address?.port ?? 0}`);
  void nextCall(extension).then((call) => call.answer());
  return {
    broker,
    pbx,
    close: async () => {
      await broker.close();
      await pbx.close();
      await phones.close();
    },
  };
}

/** The first example has no result but what stands below its nodes; and all of it is seen at once on a laptop. */
async function tryHello(editor: Editor, file: string): Promise<void> {
  const flow = exampleFlow(file);
  const idOf = (type: string): string => String(flow.find((entry) => entry.type === type)?.id);
  await editor.importExample(title(file));
  await editor.until(`RED.nodes.node('${idOf('inject')}')`);
  await editor.run(`RED.workspaces.show('${idOf('tab')}'); undefined`);
  await editor.deploy();
  await editor.untilConnected(idOf('tab'));
  const usual = editor.page.viewport();
  await editor.page.setViewport(LAPTOP);
  await editor.run('RED.sidebar.show("info"); $("#red-ui-notifications").hide(); undefined');
  assert.deepEqual(await editor.faults(HIDDEN), []);
  await editor.press(idOf('inject'));
  const status = (type: string): string => `(RED.nodes.node('${idOf(type)}').status?.text ?? '')`;
  await editor.until(
    `${status('sip-make-call')}.startsWith('102 · 00:0') && ${status('sip-play-audio')} === 'playing'`,
  );
  assert.match(await editor.run<string>(status('sip-answer')), /^101 · 00:0\d$/);
  await editor.screenshot('hello-call');
  await editor.until(`$('.red-ui-flow-node-status-label').text() === ''`);
  await editor.run('$("#red-ui-notifications").show(); undefined');
  if (usual) await editor.page.setViewport(usual);
}

/** What of a flow lies outside of the part that is seen without scrolling. */
const HIDDEN = `(() => {
  const seen = $('#red-ui-workspace-chart')[0].getBoundingClientRect();
  return $('.red-ui-flow-node-group, .red-ui-flow-group-outline').get().filter((each) => {
    const box = each.getBoundingClientRect();
    return box.left < seen.left || box.top < seen.top || box.right > seen.right || box.bottom > seen.bottom;
  }).map((each) => each.id + ' ' + $(each).text());
})()`;

/** Imports an example, deploys it, takes a picture, presses its button, and waits for the outcome in the sidebar. */
async function tryExample(editor: Editor, file: string, { broker, pbx }: Peers): Promise<void> {
  const flow = exampleFlow(file);
  const number = file.slice(0, 2);
  const tab = flow.find(({ type }) => type === 'tab') as { id: string };
  const start = (flow.find(({ type }) => type === 'inject') ??
    flow.find(({ type }) => type === 'sip-test-case')) as { id: string };
  await editor.importExample(title(file));
  await editor.until(`RED.nodes.workspace('${tab.id}') && RED.nodes.node('${start.id}')`);
  await editor.run(`(() => {
    const values = { MQTT_PORT: '${broker.port}', PBX: '${pbx.address}' };
    const tab = RED.nodes.workspace('${tab.id}');
    for (const each of tab.env ?? []) each.value = values[each.name] ?? each.value;
    RED.nodes.eachConfig((node) => {
      if (node.z === '${tab.id}' && node.register) node.credentials = { password: '${PASSWORD}', has_password: true };
    });
    RED.workspaces.show('${tab.id}');
  })()`);
  await editor.deploy();
  await editor.untilConnected(tab.id);
  await editor.flowPicture(`example-${number}`);
  await editor.run('RED.actions.invoke("core:clear-debug-messages"); RED.sidebar.show("debug"); true');
  await editor.press(start.id);
  await editor
    .until(`/${OUTCOME[number] ?? 'ok: ?true'}/.test($('.red-ui-debug-msg').text())`)
    .catch(async (cause: unknown) => {
      const shown = await editor.run<string>(`$('.red-ui-debug-msg').text()`);
      throw new Error(`${title(file)} shows "${shown}"`, { cause });
    });
}
