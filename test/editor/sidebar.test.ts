import assert from 'node:assert/strict';
import type { Browser } from 'puppeteer-core';
import type { CallList } from '../../plugins/sipflow/server/calls';
import { exampleFiles, exampleFlow, NodeRed } from '../package/support/node-red';
import { nodeRedMajor } from '../support/node-red-path';
import { openBrowser } from './chromium';
import { SidebarPage } from './sidebar-page';

/** Node-RED has a dark theme since its fifth version. */
const THEMES = nodeRedMajor >= 5 ? (['light', 'dark'] as const) : (['light'] as const);
const WIDTHS = [250, 400];
/** `password`, as Node-RED keeps it. */
const PASSWORD = '$2b$08$YCYPVVPTGDWlxQGCPXz0Pump1sM1t2ymVQFtx0P3ClyT1GKRzuHgi';

/** Makes a call that stands until it is hung up from outside. */
const STANDING = [
  { id: 'stand-tab', type: 'tab', label: 'Standing calls', disabled: false, info: '', env: [] },
  ...['7001', '7002'].map((dn) => ({ id: `phone${dn}`, type: 'sip-instance', name: `Phone ${dn}`, dn })),
  ...[
    { id: 'stand-ask', type: 'http in', url: '/stand', method: 'post', wires: [['stand-dial']] },
    {
      ...{
        id: 'stand-dial',
        type: 'sip-make-call',
        instance: 'phone7001',
        target: '7002',
        targetType: 'str',
      },
      wires: [['stand-told'], [], ['stand-told']],
    },
    { id: 'stand-told', type: 'http response', wires: [] },
    { id: 'stand-ring', type: 'sip-incoming-call', instance: 'phone7002', wires: [['stand-pick']] },
    { id: 'stand-pick', type: 'sip-answer', wires: [[], []] },
  ].map((node, place) => ({ z: 'stand-tab', x: 150, y: 60 + 60 * place, ...node })),
];
const flow = [...exampleFiles.filter((file) => /^(01|08|14)/.test(file)).flatMap(exampleFlow), ...STANDING];

describe(`the sidebar in the editor of Node-RED ${nodeRedMajor}`, function () {
  this.timeout(200_000);
  const nodeRed = new NodeRed();
  let browser: Browser;
  let firstCall: CallList['ended'][number] | undefined;

  before(async function () {
    browser = await openBrowser(this);
    nodeRed.install();
    await nodeRed.start(flow);
    await Promise.all(['call', 'transfer', 'regression'].map((demo) => nodeRed.post(`/demo/${demo}`, {})));
    const { ended } = (await nodeRed.get('/sipflow/sidebar/calls')) as CallList;
    firstCall = ended.find(({ from, direction }) => from.includes('1001') && direction === 'out');
  });
  after(async () => {
    await browser?.close();
    await nodeRed.dispose();
  });

  const open = async (hash = ''): Promise<SidebarPage> => {
    const sidebar = await SidebarPage.open(browser, `${nodeRed.url}/${hash}`);
    if (hash === '') await sidebar.show();
    return sidebar;
  };
  const closed = async (sidebar: SidebarPage): Promise<void> => {
    assert.deepEqual(sidebar.editor.complaints, []);
    await sidebar.close();
  };

  it('runs the test cases of the workspace and shows progress, verdict, checks and ladder', async () => {
    const sidebar = await open();
    await sidebar.section('tests');
    await sidebar.page.waitForSelector('.sipflow-card');
    await sidebar.editor.run(`$('.sipflow-front:visible .sipflow-button').first().trigger('click')`);
    await sidebar.untilText('.sipflow-card', /running · row \d/);
    await sidebar.untilText('.sipflow-count', /0 of 1/);
    await sidebar.untilText('.sipflow-card', /\d rows/);
    await sidebar.page.click('.sipflow-chip');
    await sidebar.untilText('h3', /IVR menu · row 1/);
    await sidebar.page.waitForSelector('.sipflow-picture g[role=button]');
    assert.match((await sidebar.texts('.sipflow-facts')).join(), /(status|heard) is /);
    await sidebar.page.keyboard.press('Escape');
    await sidebar.untilText('.sipflow-card', /\d rows/);
    assert.equal(await sidebar.editor.run(`document.activeElement.textContent.slice(2)`), '1');
    await closed(sidebar);
  });

  for (const language of ['en-US', 'ko']) {
    for (const theme of THEMES) {
      it(`fits 250 and 400 pixels, ${language}, ${theme}`, async () => {
        const sidebar = await SidebarPage.open(browser, nodeRed.url, language, theme);
        await sidebar.show();
        const faults: string[] = [];
        const look = async (name: string): Promise<void> => {
          for (const width of WIDTHS) {
            await sidebar.width(width);
            faults.push(...(await sidebar.faults()).map((fault) => `${name} ${width}: ${fault}`));
            await sidebar.picture(`sidebar-${name}-${width}-${language}-${theme}`);
          }
        };
        await sidebar.section('phones');
        await sidebar.page.waitForSelector('.sipflow-card');
        await look('phones');
        await sidebar.section('calls');
        await sidebar.page.waitForSelector('.sipflow-row');
        await look('calls');
        await sidebar.page.type('.sipflow-search', firstCall?.id ?? '');
        await sidebar.page.keyboard.press('Enter');
        await sidebar.page.waitForSelector('.sipflow-picture g.request');
        await look('call');
        await sidebar.page.$eval('.sipflow-picture g.request', (row) =>
          row.dispatchEvent(new MouseEvent('click')),
        );
        await sidebar.untilText('pre', /^INVITE sip:1002/);
        await look('message');
        await sidebar.page.$eval('.sipflow-nodes', (nodes) => nodes.scrollIntoView());
        await look('nodes');
        await sidebar.section('tests');
        await sidebar.page.waitForSelector('.sipflow-chip');
        await look('tests');
        await sidebar.page.click('.sipflow-chip');
        await sidebar.page.waitForSelector('.sipflow-picture g[role=button]');
        await look('verdict');
        const parts = ['calls', 'call', 'message', 'tests'].map(
          (name) => `sidebar-${name}-250-${language}-${theme}`,
        );
        await sidebar.editor.sideBySide(`sidebar-guide-${language}-${theme}`, parts);
        assert.deepEqual(faults, []);
        await closed(sidebar);
      });
    }
  }

  it('is used by keys alone: sections, list, ladder, messages, and back', async () => {
    const sidebar = await open();
    const { keyboard } = sidebar.page;
    const focus = (): Promise<string> =>
      sidebar.editor.run<string>(
        `document.activeElement.getAttribute('role') + ' ' + document.activeElement.textContent.slice(0, 40)`,
      );
    await sidebar.section('phones');
    await sidebar.page.focus('#sipflow-tab-of-phones');
    await keyboard.press('ArrowRight');
    assert.equal(await focus(), 'tab Calls');
    await sidebar.page.waitForSelector('.sipflow-row');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    assert.match(await focus(), /^listbox/);
    for (const key of ['End', 'Home', 'PageDown', 'ArrowUp', 'Home', 'ArrowDown'] as const)
      await keyboard.press(key);
    const active = `document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))`;
    assert.equal(await sidebar.editor.run(`${active}.getAttribute('aria-posinset')`), '2');
    assert.match(
      await sidebar.editor.run(`${active}.getAttribute('aria-label')`),
      /^(incoming|outgoing), \d+ → \d+, ended/,
    );
    await keyboard.press('Enter');
    await sidebar.page.waitForSelector('.sipflow-picture g[role=button]');
    assert.equal(await sidebar.editor.run(`document.activeElement.tagName`), 'H3');
    for (let n = 0; n < 12 && !(await focus()).startsWith('button'); n++) await keyboard.press('Tab');
    assert.match(await sidebar.editor.run(`document.activeElement.getAttribute('aria-label')`), /INVITE: /);
    await keyboard.press('Enter');
    await sidebar.untilText('pre', /^INVITE /);
    await keyboard.press('Escape');
    await sidebar.page.waitForSelector('.sipflow-row');
    assert.match(await focus(), /^listbox/);
    assert.equal(await sidebar.editor.run(`${active}.getAttribute('aria-posinset')`), '2');
    await closed(sidebar);
  });

  it('has ticks while it is open and none while it is closed, also beside another editor; they say nothing', async () => {
    const watching = await open();
    const other = await SidebarPage.open(browser, nodeRed.url);
    await watching.page.bringToFront();
    await watching.page.waitForSelector('.sipflow-row');
    const before = watching.ticks.length;
    await nodeRed.post('/stand', {});
    await watching.untilText('.sipflow-row', /7001 → 7002/);
    assert.ok(watching.ticks.length > before, 'it was told');
    for (const tick of [...watching.ticks, ...other.ticks]) {
      for (const { topic, data } of JSON.parse(tick) as { topic: string; data: unknown }[])
        if (topic.startsWith('sipflow')) assert.deepEqual([topic, data], ['sipflow/changed', {}]);
    }
    const told = watching.page.waitForResponse((response) => response.url().endsWith('sidebar/close'));
    await watching.hide();
    await told;
    // What was sent before that is still on its way to a page in the background.
    await watching.editor.run('new Promise((done) => setTimeout(done, 1500))');
    const [last, others] = [watching.ticks.length, other.ticks.length];
    await nodeRed.post('/stand', {});
    await watching.editor.run('new Promise((done) => setTimeout(done, 700))');
    assert.deepEqual([watching.ticks.length, other.ticks.length], [last, others], 'all sidebars are closed');
    await watching.show();
    await watching.untilText('.sipflow-count', /Calls: \d\d/);
    await closed(other);
    await closed(watching);
  });

  it('goes on after a deploy, and hangs up what stands', async () => {
    const sidebar = await open();
    await sidebar.section('phones');
    await sidebar.untilText('.sipflow-card', /Phone 1001.*ready/);
    await nodeRed.redeploy();
    await sidebar.untilText('.sipflow-card', /Phone 1001.*ready/);
    await sidebar.section('calls');
    await sidebar.page.waitForSelector('.sipflow-row');
    await nodeRed.post('/stand', {});
    await sidebar.untilText('.sipflow-row', /in call/);
    await sidebar.page.click('.sipflow-row:has(.sipflow-dot.passed)');
    await sidebar.page.waitForSelector('.sipflow-danger:not([hidden])');
    await sidebar.page.click('.sipflow-danger');
    await sidebar.untilText('dd', /^ended$/);
    await closed(sidebar);
  });

  it('opens the call of the address, finds one by its Call-ID, shows its nodes in the flow, and plays what was recorded', async () => {
    const sidebar = await open(`#sipflow/call/${firstCall?.id}`);
    await sidebar.untilText('h3', /1001 → 1002/);
    await sidebar.page.waitForSelector('.sipflow-picture g[role=button]');
    await sidebar.editor.until(`location.hash === '#sipflow/call/${firstCall?.id}'`);
    assert.deepEqual((await sidebar.texts('.sipflow-nodes button')).slice(0, 2), [
      'Call the number',
      'Say the greeting',
    ]);
    await sidebar.editor.run(`$('.sipflow-nodes + .sipflow-button').trigger('click')`);
    await sidebar.editor.until(`RED.view.selection().nodes?.length > 3`);
    assert.equal(await sidebar.editor.run(`RED.view.selection().nodes[0].type`), 'sip-make-call');
    await sidebar.editor.run(`$('.sipflow-detail .sipflow-button').first().trigger('click')`);
    await sidebar.page.waitForSelector('.sipflow-row');
    assert.match(await sidebar.editor.run('location.hash'), /^#flow\//);
    await sidebar.page.type('.sipflow-search', firstCall?.callId ?? '');
    await sidebar.page.keyboard.press('Enter');
    await sidebar.untilText('dd', new RegExp(`^${firstCall?.callId}$`));
    await sidebar.editor.run(`location.hash = '#sipflow/call/unknown'`);
    await sidebar.editor.until(`$('#red-ui-notifications').text().includes('not known')`);
    await sidebar.editor.run(`$('.sipflow-detail .sipflow-button').first().trigger('click')`);
    await sidebar.page.$eval('.sipflow-search', (input) => ((input as HTMLInputElement).value = ''));
    await sidebar.page.type('.sipflow-search', 'Phone 1002');
    await sidebar.page.click('.sipflow-row');
    await sidebar.page.waitForSelector('.sipflow-cards .sipflow-button');
    await sidebar.page.click('.sipflow-cards .sipflow-button');
    await sidebar.page.waitForSelector('.waveform .wave');
    await sidebar.page.waitForFunction(
      () => (document.querySelector('audio') as HTMLAudioElement).duration > 2,
    );
    await sidebar.picture('sidebar-recording');
    assert.deepEqual(
      sidebar.editor.complaints.filter((text) => !text.includes('404')),
      [],
    );
    await sidebar.close();
  });

  it('has few rows for many calls, and none of their texts is markup', async () => {
    const sidebar = await SidebarPage.open(browser, nodeRed.url);
    const hostile = `sip:<img src=x onerror="window.pwned=1">@b`;
    const many = manyCalls(2_000, hostile);
    await sidebar.page.setRequestInterception(true);
    sidebar.page.on('request', (asked) => {
      if (!/sidebar\/calls\?/.test(asked.url())) return void asked.continue();
      void asked.respond({ contentType: 'application/json', body: JSON.stringify(many) });
    });
    await sidebar.show();
    await sidebar.untilText('.sipflow-count', /2000/);
    const rows = (): Promise<number> =>
      sidebar.editor.run(`document.querySelectorAll('.sipflow-row').length`);
    assert.ok((await rows()) < 60, `${await rows()} rows`);
    const spent = await sidebar.editor.run<number>(`(async () => {
      const list = document.querySelector('.sipflow-list');
      const frames = [];
      for (let n = 0; n < 60; n++) {
        list.scrollTop = n * 1400;
        const began = performance.now();
        await new Promise(requestAnimationFrame);
        frames.push(performance.now() - began);
      }
      return frames.sort((a, b) => a - b)[30];
    })()`);
    assert.ok(spent < 100, `a usual frame takes ${spent} ms`);
    assert.ok((await rows()) < 60);
    assert.equal(await sidebar.editor.run(`document.querySelectorAll('.sipflow-sidebar img').length`), 0);
    assert.equal(await sidebar.editor.run(`'pwned' in window`), false);
    await closed(sidebar);
  });

  it('is not there for a user without the permission, whose requests are refused', async () => {
    await nodeRed.stop();
    const user = (username: string, permissions: string[]) => ({ username, password: PASSWORD, permissions });
    const basic = [
      'flows.read',
      'settings.read',
      'nodes.read',
      'plugins.read',
      'status.read',
      'context.read',
    ];
    const users = [user('viewer', basic), user('reader', [...basic, 'sipflow.read'])];
    await nodeRed.start(flow, {}, { adminAuth: { type: 'credentials', users } });
    for (const [username, tabs, buttons] of [
      ['viewer', 0, 0],
      ['reader', 1, 0],
    ] as const) {
      const { json } = await nodeRed.post('/auth/token', {
        ...{ client_id: 'node-red-editor', grant_type: 'password', scope: '' },
        ...{ username, password: 'password' },
      });
      const token = String(json.access_token);
      const page = await browser.newPage();
      await page.evaluateOnNewDocument((access_token) => {
        localStorage.setItem(
          'auth-tokens',
          JSON.stringify({ access_token, expires_in: 9e6, token_type: 'Bearer' }),
        );
      }, token);
      await page.goto(nodeRed.url);
      await page.waitForFunction(
        'window.RED && RED.nodes.getType("sip-make-call") && RED.user.hasPermission',
      );
      await page.waitForFunction('$(".red-ui-loading, #red-ui-loading-progress:visible").length === 0');
      assert.equal(await page.evaluate(`$('.sipflow-sidebar').length`), tabs, username);
      const statuses = await page.evaluate(
        (bearer) =>
          Promise.all(
            ['phones', 'calls', 'tests'].map(async (path) => {
              const headers = { Authorization: `Bearer ${bearer}` };
              const response = await fetch(`sipflow/sidebar/${path}`, { headers });
              return response.status;
            }),
          ),
        token,
      );
      assert.deepEqual(statuses, Array(3).fill(tabs ? 200 : 401), username);
      if (tabs > 0) {
        await page.evaluate(
          `RED.sidebar.show('sipflow'); document.getElementById('sipflow-tab-of-tests').click()`,
        );
        await page.waitForSelector('.sipflow-card');
        const shown = await page.evaluate(`$('.sipflow-panel .sipflow-button:visible').length`);
        assert.equal(shown, buttons + 1, 'nothing but the report');
      }
      await page.close();
    }
  });
});

/** An answer of the runtime with so many calls, as many live as ended. */
function manyCalls(count: number, from: string): CallList {
  const now = Date.now();
  const row = (n: number): CallList['live'][number] => ({
    ...{
      id: `call-${n}`,
      callId: `c${n}@host`,
      phone: 'Phone',
      direction: 'in',
      from,
      to: 'sip:2@b',
      reason: from,
    },
    ...{
      codec: 'PCMU',
      mos: 4.4,
      status: 200,
      recordings: 0,
      startedAt: now - n * 100,
      answeredAt: now - n * 90,
    },
    ...(n % 2 ? { state: 'answered', endedAt: null } : { state: 'ended', endedAt: now - n }),
  });
  const all = Array.from({ length: count }, (_, n) => row(n));
  const live = all.filter(({ state }) => state !== 'ended');
  return { now, live, ended: all.filter(({ state }) => state === 'ended'), oldest: now - 300_000, more: 0 };
}
