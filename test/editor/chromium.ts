import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
];

/** Starts a Chromium; where there is none, the suite is skipped, and fails when `CI` is set. */
export async function openBrowser(suite: Mocha.Context): Promise<Browser> {
  const program = findChromium();
  if (!program) {
    if (process.env.CI) throw new Error('There is no Chromium: install one, or name it in CHROMIUM.');
    console.log('  No Chromium was found (CHROMIUM names one): the editor is not tested.');
    return suite.skip();
  }
  return launchChromium(program);
}

/** Starts the program, with further arguments. */
export function launchChromium(program: string, args: readonly string[] = []): Promise<Browser> {
  return puppeteer.launch({
    executablePath: program,
    timeout: 120_000,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--lang=en-US', ...args],
  });
}

/** The program of a Chromium: `CHROMIUM`, or what is found under the usual names. */
export function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...PLACES];
  return candidates.find((path) => existsSync(path));
}
