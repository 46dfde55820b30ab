import type { Browser, CDPSession, Page } from 'puppeteer-core';
import { Editor } from './page';

/** The sidebar *SIP* of an open editor, as a user sees and operates it. */
export class SidebarPage {
  /** Ticks that the runtime has sent to this editor, with all that was in them. */
  readonly ticks: string[] = [];

  private constructor(
    readonly editor: Editor,
    private readonly session: CDPSession,
  ) {
    session.on('Network.webSocketFrameReceived', ({ response }) => {
      if (response.payloadData.includes('sipflow/')) this.ticks.push(response.payloadData);
    });
  }

  static async open(
    browser: Browser,
    url: string,
    language = 'en-US',
    theme: 'light' | 'dark' = 'light',
  ): Promise<SidebarPage> {
    const editor = await Editor.open(browser, url, language, theme);
    const session = await editor.page.createCDPSession();
    const sidebar = new SidebarPage(editor, session);
    await session.send('Network.enable');
    return sidebar;
  }

  get page(): Page {
    return this.editor.page;
  }

  /** Shows the tab, by the action that its menu has. */
  async show(): Promise<void> {
    await this.editor.run(`RED.actions.invoke('sipflow:show-sip-tab')`);
    await this.editor.until(`$('.sipflow-sidebar:visible').length === 1`);
  }

  /** Shows another tab of the sidebar instead. */
  async hide(): Promise<void> {
    await this.editor.run(`RED.sidebar.show('info')`);
    await this.editor.until(`$('.sipflow-sidebar:visible').length === 0`);
  }

  async section(name: 'phones' | 'calls' | 'tests'): Promise<void> {
    await this.editor.run(`document.getElementById('sipflow-tab-of-${name}').click()`);
    await this.editor.until(`$('#sipflow-tab-of-${name}').attr('aria-selected') === 'true'`);
  }

  /** Makes the sidebar that wide, in pixels. */
  async width(pixels: number): Promise<void> {
    await this.editor.run(`(() => {
      const sidebar = $('.sipflow-sidebar').closest('#red-ui-sidebar');
      sidebar.width(${pixels});
      $('#red-ui-workspace, #red-ui-editor-stack').css('right', ${pixels + 7});
      RED.events.emit('sidebar:resize');
      window.scrollTo(0, 0);
    })()`);
    // The list and the ladder are drawn anew in the next frames.
    await this.editor.run('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))');
  }

  /** Texts of the elements that a selector finds in the sidebar. */
  texts(selector: string): Promise<string[]> {
    return this.page.$$eval(`.sipflow-sidebar ${selector}`, (found) =>
      found.map((each) => each.textContent ?? ''),
    );
  }

  /** Waits until an element of the sidebar has a text. */
  async untilText(selector: string, pattern: RegExp): Promise<void> {
    await this.page
      .waitForFunction(
        (wanted, source) =>
          Array.from(document.querySelectorAll(`.sipflow-sidebar ${wanted}`)).some((each) =>
            new RegExp(source).test(each.textContent ?? ''),
          ),
        { polling: 50, timeout: 40_000 },
        selector,
        pattern.source,
      )
      .catch(async (cause: unknown) => {
        const shown = await this.editor.run<string>(`document.querySelector('.sipflow-sidebar')?.innerText`);
        throw new Error(`no ${selector} says ${pattern.source}, but: ${shown}`, { cause });
      });
  }

  /** What is wrong with what is shown: wider than the sidebar, cut, or without its text. */
  faults(): Promise<string[]> {
    return this.editor.faults(`(() => {
      const root = document.querySelector('.sipflow-sidebar');
      const right = root.getBoundingClientRect().right;
      const seen = [...root.querySelectorAll('*')].filter((each) => each.getClientRects().length > 0 && !each.closest('pre'));
      const wide = seen.filter((each) => !each.closest('.sipflow-line') && each.getBoundingClientRect().right > right + 1);
      const cut = seen.filter((each) => each.matches('button, h3, h4, p, dd, li') && each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0);
      const silent = seen.filter((each) => each.matches('button, input') && !(each.textContent.trim() || each.getAttribute('aria-label')));
      const untold = seen.filter((each) => each.childElementCount === 0 && /sipflow\\/sipflow:|__\\w+__|undefined|NaN/.test(each.textContent));
      const name = (what) => (each) => what + ': ' + each.outerHTML.slice(0, 160);
      return [...wide.map(name('too wide')), ...cut.map(name('cut')), ...silent.map(name('says nothing')), ...untold.map(name('no text'))];
    })()`);
  }

  /** A picture of the sidebar alone. */
  async picture(name: string): Promise<void> {
    await this.editor.screenshot(name, '.sipflow-sidebar');
  }

  async close(): Promise<void> {
    // A page that is closed under a busy browser says nothing more, and its sidebar counts as open for a minute.
    if (await this.editor.run(`$('.sipflow-sidebar:visible').length === 1`)) {
      await this.page.bringToFront();
      const told = this.page
        .waitForResponse((response) => response.url().endsWith('sidebar/close'), { timeout: 5_000 })
        .catch(() => undefined);
      await this.hide();
      await told;
    }
    await this.session.detach();
    await this.page.close();
  }
}
