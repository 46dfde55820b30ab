import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { loadReportHtml, parseThreshold, type LoadReport } from '../../lib/load';
import { root } from '../package/support/node-red';
import { loadFailure, loadReport } from '../unit/load/reports';
import { openBrowser } from './chromium';

const SCREENSHOTS = join(root, '.cache', 'screenshots', 'load-report');
/** Widths of a laptop and of phones. */
const WIDTHS = [1_366, 400, 360];
const HOSTILE = `<img src=x onerror="document.title='hit'">\u202e`;

describe('the page of a load report in Chromium', function () {
  this.timeout(180_000);
  let browser: Browser;
  let page: Page;
  let folder: string;
  /** Whatever the browser complained about: blocked scripts, exceptions, files that it asked for. */
  const complaints: string[] = [];

  before(async function () {
    browser = await openBrowser(this);
    folder = mkdtempSync(join(tmpdir(), 'sipflow-load-'));
    mkdirSync(SCREENSHOTS, { recursive: true });
    const thresholds = ['failed < 1%', 'p95 setup < 400 ms'].map(parseThreshold);
    const report = await loadReport('warm-up 10/s for 3s, 10/s to 40/s for 8s', {
      thresholds,
      cause: HOSTILE,
    });
    const [warmUp, stage] = report.stages;
    assert.ok(warmUp && stage);
    const limited: LoadReport = {
      ...report,
      status: 'not-judged',
      stages: [warmUp, { ...stage, verdict: { kind: 'generator-limited', reasons: ['It was late.'] } }],
    };
    report.failures = [loadFailure(report, 5_000, { stage: 1 })];
    write('failed', report);
    write('limited', limited);
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
    if (folder) rmSync(folder, { recursive: true });
  });

  function write(name: string, report: LoadReport): void {
    writeFileSync(join(folder, `${name}.html`), loadReportHtml(report, { title: 'IVR, key 1' }));
  }

  async function open(name: string, hash = '#en'): Promise<void> {
    await page.goto('about:blank');
    await page.goto(`${pathToFileURL(join(folder, `${name}.html`)).href}${hash}`);
    await page.waitForSelector('h1');
  }

  const textsOf = (selector: string): Promise<string[]> =>
    page.$$eval(selector, (found) => found.map((each) => each.textContent ?? ''));

  it('says in its first line what came of the run', async () => {
    await open('failed');
    assert.deepEqual(await textsOf('h1'), ['Failed: 1 of 2 thresholds not met']);
    assert.deepEqual(await textsOf('.thresholds tbody tr'), [
      '✗ failed < 1%10 %',
      '✓ p95 setup < 400 ms20 ms',
    ]);
    await open('limited');
    assert.deepEqual(await textsOf('h1'), ['Not judged: the generator was the limit']);
    assert.deepEqual(await textsOf('.stages .note'), ['It was late.']);
    assert.ok((await page.$$('.time-chart .doubted')).length > 0);
  });

  it('tells the values of a moment in every chart, by the pointer and by the keyboard', async () => {
    await open('failed');
    const moments = async (): Promise<string[]> => [...new Set(await textsOf('.time-chart .moment'))];
    assert.deepEqual(await moments(), ['max']);
    await page.hover('.time-chart:nth-child(2) svg');
    const [hovered, ...others] = await moments();
    assert.match(hovered ?? '', /^0:0[4-7]$/);
    assert.deepEqual(others, []);
    await page.screenshot({ path: join(SCREENSHOTS, 'pointed-at.png') });
    await page.mouse.move(0, 0);
    await page.$eval('.time-chart svg', (chart) => chart.focus());
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight'] as const) await page.keyboard.press(key);
    assert.deepEqual(await moments(), ['0:03']);
    assert.equal((await textsOf('.time-chart:nth-child(1) .key'))[0], 'started 10/s');
  });

  it('shows the ladder of a failed case that is opened', async () => {
    await open('failed');
    await page.click('.failed-cases summary');
    await page.waitForSelector('.failed-cases g[role=button]');
    await page.$eval('.failed-cases g[role=button]', (group) => (group as SVGElement).focus());
    await page.keyboard.press('Enter');
    assert.match((await textsOf('.failed-cases pre'))[0] ?? '', /^INVITE /);
  });

  it('keeps hostile text as text', async () => {
    await open('failed');
    assert.deepEqual(await textsOf('.causes code'), [HOSTILE.replace('\u202e', '\ufffd')]);
    assert.equal(await page.title(), 'IVR, key 1');
    assert.equal(await page.$('img'), null);
  });

  for (const width of WIDTHS) {
    for (const theme of ['light', 'dark']) {
      it(`fits ${width} pixels, ${theme}, in both languages`, async () => {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
        await page.setViewport({ width, height: 800 });
        for (const language of ['en', 'ko']) {
          await open('failed', `#${language}`);
          assert.equal(await page.evaluate(() => document.documentElement.lang), language);
          const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(tooWide <= 0, `${tooWide} pixels too wide`);
          await page.screenshot({
            path: join(SCREENSHOTS, `${width}-${theme}-${language}.png`),
            fullPage: true,
          });
        }
      });
    }
  }
});
