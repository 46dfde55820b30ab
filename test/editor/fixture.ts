import type { Browser } from 'puppeteer-core';
import { NodeRed } from '../package/support/node-red';
import { openBrowser } from './chromium';
import { Editor, type Theme } from './page';

/** What the tests of a suite work with: valid from its first test to its last. */
export interface EditorFixture {
  nodeRed: NodeRed;
  /** The browser; throws before the suite has begun. */
  browser: () => Browser;
  /** Opens the editor in a page of its own. */
  open: (language: string, theme: Theme) => Promise<Editor>;
}

/**
 * Registers, within a suite, a Node-RED with the package and a browser: started before its tests, closed after them.
 *
 * @param flow nodes that Node-RED starts with
 */
export function editorOf(flow: Record<string, unknown>[]): EditorFixture {
  const nodeRed = new NodeRed();
  let opened: Browser | undefined;

  before(async function () {
    opened = await openBrowser(this);
    nodeRed.install();
    await nodeRed.start(flow);
  });
  after(async () => {
    await opened?.close();
    await nodeRed.dispose();
  });

  const browser = (): Browser => {
    if (!opened) throw new Error('The browser is opened before the first test of the suite.');
    return opened;
  };
  return {
    nodeRed,
    browser,
    open: (language, theme) => Editor.open(browser(), nodeRed.url, language, theme),
  };
}
