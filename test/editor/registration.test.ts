import assert from 'node:assert/strict';
import type { Browser } from 'puppeteer-core';
import { NodeRed } from '../package/support/node-red';
import { nodeRedMajor } from '../support/node-red-path';
import { Pbx } from '../support/pbx';
import { openBrowser } from './chromium';
import { Editor } from './page';

/** Node-RED has a dark theme since its fifth version. */
const THEME = nodeRedMajor >= 5 ? 'dark' : 'light';
/** What the button says in the end, in both languages. */
const WORDS = {
  'en-US': {
    registered: /^Registered for 120 s\./,
    typePassword: /^Type the password/,
    credentials: /does not accept this user name and password/,
    refused: /answered 403 Forbidden/,
  },
  ko: {
    registered: /^120초 동안 등록되었습니다/,
    typePassword: /^비밀번호를 입력하세요/,
    credentials: /사용자 이름과 비밀번호를 받아들이지 않습니다/,
    refused: /403 Forbidden/,
  },
};

describe(`the test of a registration in the editor of Node-RED ${nodeRedMajor}`, function () {
  this.timeout(200000);
  const nodeRed = new NodeRed();
  let browser: Browser | undefined;
  let pbx: Pbx;

  before(async function () {
    browser = await openBrowser(this);
    pbx = await Pbx.open({ '11001': 'secret' });
    nodeRed.install();
    const fields = { dn: '11001', mode: 'network', bindAddress: '127.0.0.1', port: '0' };
    await nodeRed.start(
      [{ id: 'phone', type: 'sip-instance', name: 'Phone', registrar: pbx.address, version: 1, ...fields }],
      { phone: { password: 'secret' } },
    );
  });
  after(async () => {
    await browser?.close();
    await nodeRed.dispose();
    await pbx?.close();
  });

  for (const language of ['en-US', 'ko'] as const) {
    it(`says in words how it went, and sends no stored password elsewhere (${language})`, async () => {
      const editor = await Editor.open(browser as Browser, nodeRed.url, language, THEME);
      await editor.openForm('phone');
      await editor.showTab('account');
      const write = (field: string, value: string): Promise<void> =>
        editor.run(
          `$('#node-config-input-${field}').val('${value}').trigger('input').trigger('change'); undefined`,
        );
      const result = async (expected: RegExp): Promise<void> => {
        await editor.page.focus('#sipflow-test-registration');
        await editor.page.keyboard.press('Enter');
        await editor.until(`!$('#sipflow-test-registration').prop('disabled')`);
        assert.match(await editor.run<string>(`$('#sipflow-registration-result').text()`), expected);
      };
      const words = WORDS[language];
      await result(words.registered);
      await editor.screenshot(`registration-${language}`);
      await write('domain', 'elsewhere.example');
      await result(words.typePassword);
      await write('domain', '');
      await write('password', 'wrong');
      await result(words.credentials);
      await write('dn', '11009');
      await write('password', 'secret');
      await result(words.refused);
      const kept = await editor.run<object>(`RED.nodes.node('phone').credentials`);
      assert.doesNotMatch(JSON.stringify(kept), /secret/);
      await write('mode', 'simulation');
      assert.equal(await editor.run(`$('#sipflow-test-registration').is(':visible')`), false);
      await editor.closeForm();
      assert.deepEqual(editor.complaints, []);
      await editor.page.close();
    });
  }
});
