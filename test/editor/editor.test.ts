import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';
import { nodeSets } from '../package/support/editor';
import { exampleFlow, NodeRed, root } from '../package/support/node-red';
import { MqttBroker } from '../support/mqtt-broker';
import { nodeRedMajor } from '../support/node-red-path';
import { Pbx } from '../support/pbx';
import { nextCall, Phones } from '../support/phones';
import { findChromium } from './chromium';
import { Editor } from './page';

const files = readdirSync(join(root, 'examples'));
const title = (file: string): string => file.replace(/\.json$/, '');

/** What the debug sidebar shows after the button was pressed, where it is not `ok: true`. */
const OUTCOME: Record<string, string> = { '07': 'NO_COMMON_CODEC' };

/** Node-RED has a dark theme since its fifth version. */
const THEMES = nodeRedMajor >= 5 ? (['light', 'dark'] as const) : (['light'] as const);

describe(`the editor of Node-RED ${nodeRedMajor} in a browser`, function () {
  this.timeout(400000);
  const nodeRed = new NodeRed();
  let browser: Browser | undefined;

  before(async function () {
    const program = findChromium();
    if (!program) {
      if (process.env.CI) throw new Error('There is no Chromium: install one, or name it in CHROMIUM.');
      console.log('  No Chromium was found (CHROMIUM names one): the editor is not tested.');
      return this.skip();
    }
    nodeRed.install();
    await nodeRed.start([]);
    browser = await puppeteer.launch({
      executablePath: program,
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--lang=en-US'],
    });
  });
  after(async () => {
    await browser?.close();
    await nodeRed.dispose();
  });

  it('imports every example from the menu, deploys it, and its button leads to the outcome', async () => {
    const peers = await openPeers();
    try {
      const editor = await Editor.open(browser as Browser, nodeRed.url, 'en-US', 'light');
      for (const file of files) await tryExample(editor, file, peers);
      assert.deepEqual(editor.complaints, []);
      await editor.page.close();
    } finally {
      await peers.close();
    }
  });

  for (const language of ['en-US', 'ko']) {
    for (const theme of THEMES) {
      it(`shows every form in ${language}, ${theme}: each input has a name, nothing sticks out`, async () => {
        const editor = await Editor.open(browser as Browser, nodeRed.url, language, theme);
        const faults: string[] = [];
        for (const { type } of nodeSets()) {
          const id = await editor.run<string | undefined>(
            `(() => { let id; RED.nodes.eachNode((n) => { if (n.type === '${type}') id ??= n.id; }); RED.nodes.eachConfig((n) => { if (n.type === '${type}') id ??= n.id; }); return id; })()`,
          );
          if (!id) continue;
          await editor.openForm(id);
          faults.push(...(await editor.run<string[]>(FAULTS)).map((fault) => `${type}: ${fault}`));
          await editor.screenshot(`${type}-${language}-${theme}`);
          if (type === 'sip-instance') {
            await editor.run(
              `$('#node-config-input-mode').val('network').trigger('change');$('#node-config-input-transport').val('tls').trigger('change');$('#node-config-input-registrar').val('pbx.example.com').trigger('input')`,
            );
            await new Promise((resolve) => setTimeout(resolve, 200));
            faults.push(
              ...(await editor.run<string[]>(FAULTS)).map((fault) => `${type} (network): ${fault}`),
            );
            await editor.screenshot(`${type}-network-${language}-${theme}`);
            await editor.run(`document.querySelector('#sipflow-codecs').scrollIntoView({ block: 'center' })`);
            await editor.screenshot(`${type}-network-2-${language}-${theme}`);
          }
          await editor.closeForm();
        }
        assert.deepEqual(faults, []);
        assert.deepEqual(editor.complaints, []);
        await editor.page.close();
      });
    }
  }
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

/** Imports an example, deploys it, takes a picture, presses its button, and waits for the outcome in the sidebar. */
async function tryExample(editor: Editor, file: string, { broker, pbx }: Peers): Promise<void> {
  const flow = exampleFlow(file);
  const number = file.slice(0, 2);
  const tab = flow.find(({ type }) => type === 'tab') as { id: string };
  const inject = flow.find(({ type }) => type === 'inject') as { id: string };
  await editor.importExample(title(file));
  await editor.until(`RED.nodes.workspace('${tab.id}') && RED.nodes.node('${inject.id}')`);
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
  await editor.press(inject.id);
  await editor
    .until(`/${OUTCOME[number] ?? 'ok: ?true'}/.test($('.red-ui-debug-msg').text())`)
    .catch(async (cause: unknown) => {
      const shown = await editor.run<string>(`$('.red-ui-debug-msg').text()`);
      throw new Error(`${title(file)} shows "${shown}"`, { cause });
    });
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
  const width = form[0].getBoundingClientRect().right + 2;
  form.find('*:visible').each((_, each) => {
    const box = each.getBoundingClientRect();
    if (box.width > 0 && box.right > width && each.children.length === 0) faults.push('sticks out: ' + (each.id || $(each).text().slice(0, 40)));
  });
  form.find('label:visible span[data-i18n], .sipflow-hint:visible').each((_, each) => {
    if (/^(label|hint|option|section)\\./.test($(each).text().trim())) faults.push('a key instead of a text: ' + $(each).text());
    if (each.scrollWidth > each.clientWidth + 2 && each.clientWidth > 0) faults.push('cut off: ' + $(each).text());
  });
  return faults;
})()`;
