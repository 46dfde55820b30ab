import assert from 'node:assert/strict';
import type { Browser, Page } from 'puppeteer-core';
import { ladderOf, ladderSvg, type LadderSvgOptions } from '../../lib/evidence';
import { callOf, sdp, SDP_TYPE, traced } from '../unit/evidence/messages';
import { openBrowser } from './chromium';

const WIDTHS = [250, 600, 1_000];

/** Three participants, texts that are too long for their arrows, and marks at the edges. */
const LADDER = ladderOf({
  calls: [
    callOf([
      traced(0, 'INVITE sip:1002@b SIP/2.0', {
        fields: [SDP_TYPE],
        body: sdp('m=audio 4000 RTP/SAVP 0 8 9 18', 'a=sendonly', 'c=IN IP4 172.16.254.199'),
      }),
      traced(9, 'SIP/2.0 488 Not Acceptable Here', {
        direction: 'in',
        fields: [`Warning: 304 b "${'no common codec '.repeat(9)}"`],
      }),
      traced(20, 'INVITE sip:1003@b SIP/2.0', { remote: '[2001:db8::3]:5060' }),
    ]),
  ],
  marks: [
    { kind: 'note', atMs: 30, text: '긴 한국어 설명 '.repeat(8) },
    { kind: 'digit', atMs: 40, text: '5', call: 'call-1' },
  ],
});

describe('a ladder in Chromium', function () {
  this.timeout(180_000);
  let browser: Browser;
  let page: Page;

  before(async function () {
    browser = await openBrowser(this);
    page = await browser.newPage();
  });
  after(() => browser?.close());

  /** Shows the picture on a page. */
  async function show(options: LadderSvgOptions, style = ''): Promise<void> {
    await page.setContent(`<body style="margin:0;${style}">${ladderSvg(LADDER, options)}</body>`);
  }

  for (const width of WIDTHS) {
    it(`has its texts within ${width} pixels, and they can be selected`, async () => {
      await show({ width });
      const beyond = await page.$$eval('svg text', (texts) =>
        texts
          .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
          .filter(({ box }) => box.left < 0 || box.right > document.querySelector('svg')!.clientWidth)
          .map(({ text }) => text),
      );
      assert.deepEqual(beyond, []);
      const selected = await page.evaluate(() => {
        getSelection()?.selectAllChildren(document.querySelector('svg') as Element);
        return String(getSelection());
      });
      assert.match(selected, /488 Not Acceptable Here/);
    });
  }

  it('is light or dark as the reader likes it, and within a page has the colour of its text', async () => {
    const colours = async (): Promise<string[]> =>
      page.evaluate(() => [
        getComputedStyle(document.querySelector('.paper') ?? document.body).fill,
        getComputedStyle(document.querySelector('svg text') as Element).fill,
      ]);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
    await show({});
    const light = await colours();
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    const dark = await colours();
    assert.deepEqual(
      [light, dark],
      [
        ['rgb(255, 255, 255)', 'rgb(27, 31, 36)'],
        ['rgb(21, 25, 31)', 'rgb(230, 237, 243)'],
      ],
    );
    await page.emulateMediaType('print');
    assert.deepEqual(await colours(), light);
    await page.emulateMediaType('screen');
    await show({ theme: 'page' }, 'color:rgb(1, 2, 3)');
    assert.equal((await colours())[1], 'rgb(1, 2, 3)');
  });

  it('is XML by itself', async () => {
    const faults = await page.evaluate(
      (svg) => new DOMParser().parseFromString(svg, 'image/svg+xml').querySelectorAll('parsererror').length,
      ladderSvg(LADDER, { title: ']]> & <b>' }),
    );
    assert.equal(faults, 0);
  });
});
