/**
 * `npm run bench:report [-- --verdicts 500] [-- --failed 0.1]`: time and size of an HTML report, and the time in which
 * Chromium opens it, its list and one of its verdicts. Prints progress, then one JSON object as its last line. Baselines
 * are the same report as JSON, and a page with nothing on it. The verdicts are those of simulated calls that are really
 * made; a failed one has a recording.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser } from 'puppeteer-core';
import { writeView, type Report, type Verdict } from '../../lib/testing';
import { findChromium, launchChromium } from '../../test/editor/chromium';
import { Phones } from '../../test/support/phones';
import { realReport } from '../../test/testing/report/real-calls';

const { values } = parseArgs({
  options: { verdicts: { type: 'string', default: '500' }, failed: { type: 'string', default: '0.1' } },
});
const ROUNDS = 5;
const TARGETS = { writeMs: 3_000, bytes: 20e6, openMs: 2_000 };

/** As many verdicts as are wanted, of those that were really made. */
function multiplied({ verdicts, ...head }: Report, count: number, failedShare: number): Report {
  const failed = verdicts.filter(({ status }) => status === 'failed');
  const others = verdicts.filter(({ status }) => status !== 'failed');
  const each = (index: number): Verdict => {
    const isFailed = Math.floor((index + 1) * failedShare) > Math.floor(index * failedShare);
    const source = isFailed ? failed : others;
    return { ...source[index % source.length], id: `verdict-${index}`, row: index + 1 };
  };
  return { ...head, verdicts: Array.from({ length: count }, (_, index) => each(index)) };
}

/** The median of some rounds, in milliseconds. */
async function median(name: string, work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  const middle = Math.round(times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]);
  console.log(`${name.padEnd(34)} ${middle} ms (${times.map(Math.round).join(', ')})`);
  return middle;
}

async function opened(browser: Browser, file: string, selector: string, hash = ''): Promise<void> {
  const page = await browser.newPage();
  await page.goto(`${pathToFileURL(file).href}${hash}`, { waitUntil: 'load' });
  await page.waitForSelector(selector);
  await page.close();
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-bench-'));
  const phones = new Phones();
  try {
    console.log('making calls');
    const report = multiplied(await realReport(phones), Number(values.verdicts), Number(values.failed));
    const file = join(folder, 'report.html');
    const json = join(folder, 'report.json');
    const empty = join(folder, 'empty.html');
    writeFileSync(empty, '<!doctype html><title>empty</title><h1>empty</h1>');
    // Compiles the page's script, which an installed package has compiled already.
    await writeView('html', { ...report, verdicts: [] }, file, { base: folder });
    const jsonMs = await median('JSON', () => writeView('json', report, json, { base: folder }));
    const writeMs = await median('HTML', () => writeView('html', report, file, { base: folder }));
    const bytes = statSync(file).size;
    console.log(`${'size of the HTML'.padEnd(34)} ${(bytes / 1e6).toFixed(1)} MB`);
    const program = findChromium();
    const browser = program ? await launchChromium(program) : undefined;
    const times = browser && {
      emptyMs: await median('opening an empty page', () => opened(browser, empty, 'h1')),
      openMs: await median('opening the list', () => opened(browser, file, 'tbody tr:last-child')),
      verdictMs: await median('opening a verdict', () => opened(browser, file, 'g[role=button]', '#v=9')),
    };
    await browser?.close();
    const failedCount = report.verdicts.filter(({ status }) => status === 'failed').length;
    console.log(
      JSON.stringify({
        verdicts: report.verdicts.length,
        failed: failedCount,
        writeMs,
        bytes,
        jsonMs,
        jsonBytes: statSync(json).size,
        writeRatio: Number((writeMs / Math.max(1, jsonMs)).toFixed(2)),
        ...(times
          ? { ...times, openRatio: Number((times.openMs / Math.max(1, times.emptyMs)).toFixed(2)) }
          : {}),
        targets: TARGETS,
        met: {
          write: writeMs <= TARGETS.writeMs,
          bytes: bytes <= TARGETS.bytes,
          ...(times ? { open: times.openMs <= TARGETS.openMs && times.verdictMs <= TARGETS.openMs } : {}),
        },
      }),
    );
  } finally {
    await phones.close();
    rmSync(folder, { recursive: true });
  }
}

void main();
