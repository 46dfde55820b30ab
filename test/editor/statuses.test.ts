import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:tls';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'puppeteer-core';
import { createSelfSigned } from '../../lib/sip/transport/self-signed';
import { NodeRed } from '../package/support/node-red';
import { nodeRedMajor } from '../support/node-red-path';
import { Pbx } from '../support/pbx';
import { freePort } from '../support/ports';
import { openBrowser } from './chromium';
import { faults, faultyFlow, WELL, type Places } from './faulty-flow';
import { Editor } from './page';

/** What the editor draws below a node at most. */
const LONGEST = 30;
const PATIENCE_MS = 20000;

interface Status {
  fill?: string;
  text?: string;
}

describe(`the statuses in the editor of Node-RED ${nodeRedMajor}`, function () {
  this.timeout(120000);
  let browser: Browser | undefined;
  let pbx: Pbx;
  let stranger: Server | undefined;
  let places: Places;

  before(async function () {
    browser = await openBrowser(this);
    pbx = await Pbx.open({});
    stranger = createServer(createSelfSigned()).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port: tlsPort } = stranger.address() as AddressInfo;
    places = {
      registrar: pbx.address,
      takenPort: pbx.port,
      deadPort: await freePort(),
      tlsPort,
    };
  });
  after(async () => {
    await browser?.close();
    await pbx?.close();
    stranger?.close();
  });

  for (const language of ['en-US', 'ko'] as const) {
    it(`tell in ${language} what went wrong, with whom a node is in a call, and nothing when it is idle`, async () => {
      const nodeRed = new NodeRed();
      try {
        nodeRed.install();
        await nodeRed.start(faultyFlow(places), {}, { lang: language });
        const editor = await Editor.open(browser as Browser, nodeRed.url, language, 'light');
        editor.page.setDefaultTimeout(PATIENCE_MS);
        await editor.run(`RED.workspaces.show('tab-of-statuses'); undefined`);
        await editor.press('press');
        const expected = [...faults(places), ...WELL].map(({ node, shows }) => ({
          ...{ id: node.id, text: shows[language] },
        }));
        const wrong = `${UNLIKE}([${expected.map(({ id, text }) => `['${id}', ${literal(text)}]`).join()}])`;
        await editor.until(`${wrong}.length === 0`).catch(async (cause: unknown) => {
          throw new Error((await editor.run<string[]>(wrong)).join('\n'), { cause });
        });
        for (const { node } of faults(places)) {
          const { fill, text = '' } = await editor.run<Status>(`RED.nodes.node('${node.id}').status`);
          assert.ok(fill === 'red' && [...text].length <= LONGEST, `${fill} ${text}`);
        }
        assert.deepEqual(await editor.run(MARKED), ['setting', 'phoneless', 'digits']);
        assert.deepEqual(await editor.faults(CUT), []);
        await editor.flowPicture(`statuses-${language}`);
        assert.deepEqual(editor.complaints, []);
        await editor.page.close();
      } finally {
        await nodeRed.dispose();
      }
    });
  }
});

/** As a script says it. */
const literal = (text: string | RegExp): string =>
  typeof text === 'string' ? JSON.stringify(text) : String(text);

/** Lists the nodes that have another status than expected, or below which other words are drawn. */
const UNLIKE = `((expected) => expected.flatMap(([id, wanted]) => {
  const { text = '' } = RED.nodes.node(id).status ?? {};
  const drawn = $('#' + id).find('.red-ui-flow-node-status-label').text();
  const right = typeof wanted === 'string' ? text === wanted : wanted.test(text);
  return right && drawn === text ? [] : [id + ' shows "' + text + '", drawn "' + drawn + '", not ' + wanted];
}))`;

/** Nodes that the editor marks because a field is wrong. */
const MARKED = `RED.nodes.filterNodes({ z: 'tab-of-statuses' }).filter(({ valid }) => !valid).map(({ id }) => id)`;

/** Statuses that run into another node or its status. */
const CUT = `(() => {
  const meet = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
  return $('.red-ui-flow-node-status-label').get().filter((label) => {
    const others = $('.red-ui-flow-node-group').not($(label).closest('.red-ui-flow-node-group')).get();
    return others.some((other) => meet(label.getBoundingClientRect(), other.getBoundingClientRect()));
  }).map((label) => label.textContent);
})()`;
