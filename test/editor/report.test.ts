import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { htmlReport, type Report } from '../../lib/testing';
import { root } from '../package/support/node-red';
import { Phones } from '../support/phones';
import { realReport } from '../testing/report/real-calls';
import { hostileReport } from '../testing/report/reports';
import { openBrowser } from './chromium';

const SCREENSHOTS = join(root, '.cache', 'screenshots', 'report');
/** Widths of a laptop and of phones. */
const WIDTHS = [1_366, 390, 360];

describe('the HTML report in Chromium', function () {
  this.timeout(180_000);
  let browser: Browser;
  let page: Page;
  let folder: string;
  let phones: Phones;
  /** Whatever the browser complained about: blocked scripts, exceptions, files that it asked for. */
  const complaints: string[] = [];

  before(async function () {
    browser = await openBrowser(this);
    folder = mkdtempSync(join(tmpdir(), 'sipflow-report-'));
    phones = new Phones();
    await write('real', await realReport(phones));
    await write('hostile', hostileReport());
    mkdirSync(SCREENSHOTS, { recursive: true });
    page = await browser.newPage();
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!/^(data:|file:.*\.html)/.test(request.url())) complaints.push(`asked for ${request.url()}`);
    });
  });
  afterEach(() => assert.deepEqual(complaints.splice(0), []));
  after(async () => {
    await browser?.close();
    await phones?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  async function write(name: string, report: Report): Promise<void> {
    writeFileSync(join(folder, `${name}.html`), await htmlReport(report, { base: folder, folder }));
  }

  /** Opens a report at an address as somebody who has got a link does. */
  async function open(name: string, hash = ''): Promise<void> {
    await page.goto('about:blank');
    await page.goto(`${pathToFileURL(join(folder, `${name}.html`)).href}${hash}`);
    await page.waitForSelector('h1');
  }

  const textsOf = (selector: string): Promise<string[]> =>
    page.$$eval(selector, (found) => found.map((each) => each.textContent ?? ''));
  /** Puts the focus on the first message of the ladder. */
  const focusMessage = (): Promise<void> =>
    page.$eval('g[role=button]', (group) => (group as SVGElement).focus());
  const hash = (): Promise<string> => page.evaluate(() => location.hash);

  it('says in its first line what came of the run, and names the failures first', async () => {
    await open('real');
    assert.deepEqual(await textsOf('h1'), ['2 of 6 tests failed']);
    assert.deepEqual((await textsOf('tbody .badge')).slice(0, 3), ['✗ failed', '✗ failed', '± flaky']);
    assert.deepEqual(await textsOf('[aria-live]'), ['6 tests']);
    assert.equal(await page.$$eval('th:not([scope])', (found) => found.length), 0);
  });

  it('filters by status, text, tag and duration, tells how many are left, and keeps that in its address', async () => {
    await open('real');
    await page.click('.chip.failed');
    assert.deepEqual(await textsOf('[aria-live]'), ['2 of 6 tests']);
    await page.type('input[type=search]', 'menu');
    await page.select('select', 'ivr');
    assert.deepEqual(await textsOf('tbody a'), ['The menu says where it leads']);
    assert.equal(await hash(), '#status=failed&q=menu&tag=ivr');
    await open('real', await hash());
    assert.deepEqual(await textsOf('tbody a'), ['The menu says where it leads']);
    assert.equal(await page.$eval('input[type=search]', (input) => input.value), 'menu');
    await page.type('input[type=number]', '99');
    assert.deepEqual(await textsOf('[aria-live]'), ['0 of 6 tests']);
    await page.click('.empty a');
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 6);
    assert.equal(await page.$eval('input[type=number]', (input) => input.value), '');
  });

  it('is used by keys alone', async () => {
    await open('real');
    await page.keyboard.press('/');
    await page.keyboard.type('menu');
    await page.keyboard.press('Escape');
    assert.equal(await hash(), '#q=menu');
    await page.keyboard.press('j');
    await page.waitForSelector('.verdict');
    assert.deepEqual(await textsOf('h1'), ['The menu says where it leads']);
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
    await page.waitForSelector('g[role=button]');
    await focusMessage();
    await page.keyboard.press('Enter');
    assert.match((await textsOf('.message pre'))[0], /^INVITE sip:1002@/);
    await page.keyboard.press('j');
    await page.waitForFunction(
      () => document.querySelector('h1')?.textContent === 'Voicemail keeps the message',
    );
    await page.keyboard.press('Escape');
    await page.waitForSelector('.tests');
    assert.equal(await hash(), '#q=menu');
  });

  it('explains a failure: reason, wanted and got, the marked row, the messages', async () => {
    await open('real', '#v=2');
    assert.deepEqual(await textsOf('.sentence'), ['The caller heard "menu" where "welcome" was expected.']);
    assert.deepEqual(await textsOf('.compare dd'), ['is welcome', 'menu']);
    await page.waitForSelector('g.here');
    assert.match((await textsOf('g.here'))[0], /heard is welcome, got menu/);
    assert.deepEqual(await textsOf('.steps .failed b'), ['The right prompt']);
    await page.click('g.row.success');
    assert.match((await textsOf('.message pre'))[0], /^SIP\/2\.0 200/);
    assert.equal((await textsOf('.charts figcaption')).length, 3);
  });

  it('plays a recording that lies in the page, from its marks', async () => {
    await open('real', '#v=2');
    await page.waitForFunction(() => (document.querySelector('audio') as HTMLAudioElement).duration > 2);
    assert.equal(await page.$$eval('.waveform .wave', (found) => found.length), 2, 'both sides of the call');
    await page.click('.marks button');
    await page.waitForFunction(() => (document.querySelector('audio') as HTMLAudioElement).currentTime > 0.5);
  });

  it('shows each attempt of a retry', async () => {
    await open('real', '#v=3');
    assert.deepEqual(await textsOf('.sentence'), ['It failed at first, and passed on attempt 2.']);
    await page.click('.attempts a');
    await page.waitForFunction(() =>
      document.querySelector('.sentence')?.textContent?.includes('486 Busy Here'),
    );
  });

  it('is Korean where it is asked for', async () => {
    await open('real', '#lang=ko');
    assert.deepEqual(await textsOf('h1'), ['테스트 6개 중 2개 실패']);
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'ko');
    await page.click('.language');
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === '2 of 6 tests failed');
  });

  for (const theme of ['light', 'dark']) {
    for (const width of WIDTHS) {
      it(`fits ${width} pixels, ${theme}`, async () => {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
        await page.setViewport({ width, height: 768 });
        for (const [name, place] of [
          ['real', '#'],
          ['real', '#v=2'],
          ['real', '#v=2&lang=ko'],
          ['hostile', '#'],
          ['hostile', '#v=9'],
        ]) {
          await open(name, place);
          const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(beyond <= 0, `${name} ${place} is ${beyond} pixels too wide`);
        }
        await open('real', '#v=2');
        await page.waitForSelector('g.here');
        await page.screenshot({ path: join(SCREENSHOTS, `${theme}-${width}.png`), fullPage: true });
      });
    }
  }

  it('is printed on white without what only a screen needs', async () => {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    await open('real', '#v=2');
    await page.emulateMediaType('print');
    const print = await page.evaluate(() => ({
      paper: getComputedStyle(document.documentElement).backgroundColor,
      shown: ['nav', 'audio', '.language'].filter(
        (each) => getComputedStyle(document.querySelector(each) as Element).display !== 'none',
      ),
    }));
    await page.screenshot({ path: join(SCREENSHOTS, 'print.png'), fullPage: true });
    await page.emulateMediaType('screen');
    assert.deepEqual(print, { paper: 'rgb(255, 255, 255)', shown: [] });
  });

  it('runs no script of a hostile text, and shows it as text', async () => {
    await page.setViewport({ width: 1_366, height: 768 });
    await open('hostile');
    assert.match((await textsOf('tbody a'))[0], /^<\/script><script>window\.pwned/);
    for (let place = 0; place < 10; place++) {
      await open('hostile', `#v=${place}`);
      await page.waitForSelector('g[role=button]');
      await focusMessage();
      await page.keyboard.press('Enter');
      await page.waitForSelector('.message pre');
      const state = await page.evaluate(() => ({
        pwned: 'pwned' in window,
        scripts: document.querySelectorAll('#app script, #app img, #app iframe').length,
        // eslint-disable-next-line no-control-regex
        unseen: /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(
          document.querySelector('#app')?.textContent ?? '',
        ),
      }));
      assert.deepEqual(state, { pwned: false, scripts: 0, unseen: false }, `verdict ${place}`);
    }
  });

  it('is shown as a list where no script may run', async () => {
    await page.setJavaScriptEnabled(false);
    await page.goto(pathToFileURL(join(folder, 'real.html')).href);
    assert.match((await textsOf('noscript'))[0] ?? '', /6 tests · failed 2 · flaky 1/);
    await page.setJavaScriptEnabled(true);
  });
});
