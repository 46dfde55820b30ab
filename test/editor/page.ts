import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { root } from '../package/support/node-red';
import { nodeRedMajor } from '../support/node-red-path';

/** Where screenshots are kept; git ignores it. */
const SCREENSHOTS = join(root, '.cache', 'screenshots', `node-red-${nodeRedMajor}`);
const PATIENCE_MS = 60000;
const FAULT_PATIENCE_MS = 5000;

/** Colours that a user may choose. */
export type Theme = 'light' | 'dark';

/** An open editor, with everything that its console complained about. */
export class Editor {
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (message.type() === 'error')
        this.complaints.push(`${message.text()} ${message.location().url ?? ''}`);
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  static async open(browser: Browser, url: string, language: string, theme: Theme): Promise<Editor> {
    const editor = new Editor(await browser.newPage());
    await editor.page.setViewport({ width: 1600, height: 1000 });
    await editor.page.evaluateOnNewDocument(
      (chosen: string, colours: string) => {
        localStorage.setItem('editor-language', chosen);
        // A choice of the user settings of Node-RED 5; older ones know no dark theme of their own.
        localStorage.setItem('view-dark-theme', colours);
      },
      language,
      theme,
    );
    await editor.page.goto(url, { waitUntil: 'load' });
    await editor.page.waitForFunction(
      'window.RED && RED.nodes.getType("sip-make-call") && $("#red-ui-header").length',
    );
    await editor.page.waitForFunction('$(".red-ui-loading, #red-ui-loading-progress:visible").length === 0');
    const dark = await editor.run<boolean>('document.documentElement.classList.contains("nr-theme-dark")');
    if (dark !== (theme === 'dark')) throw new Error(`the editor does not show its ${theme} theme`);
    return editor;
  }

  /** Runs an expression in the page. */
  run<T>(expression: string): Promise<T> {
    return this.page.evaluate(expression) as Promise<T>;
  }

  async until(expression: string): Promise<void> {
    await this.page.waitForFunction(expression, { polling: 50 });
  }

  /** @param selector of the element that is in the picture; everything when absent */
  async screenshot(name: string, selector?: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const path = join(SCREENSHOTS, `${name}.png`);
    const element = selector === undefined ? null : await this.page.$(selector);
    await (element ?? this.page).screenshot({ path });
  }

  /** Screenshots side by side in one, such as for the guide. */
  async sideBySide(name: string, parts: readonly string[]): Promise<void> {
    const images = parts.map((part) => {
      const bytes = readFileSync(join(SCREENSHOTS, `${part}.png`)).toString('base64');
      return `<img src="data:image/png;base64,${bytes}">`;
    });
    const page = await this.page.browser().newPage();
    await page.setContent(
      `<body style="margin:0"><div style="display:inline-flex;gap:12px;background:#999">${images.join('')}</div></body>`,
    );
    const row = await page.$('div');
    await row?.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    await page.close();
  }

  /** A picture of the whole flow that is shown, without the palette, the sidebar and the notes of a deploy. */
  async flowPicture(name: string): Promise<void> {
    const usual = this.page.viewport();
    await this.page.setViewport({ width: 2800, height: 1400 });
    await this.run('$("#red-ui-notifications").hide()');
    await this.until('$("#red-ui-header-shade:visible, #red-ui-editor-shade:visible").length === 0');
    const clip = await this.run<{ x: number; y: number; width: number; height: number }>(`(() => {
      const boxes = $('.red-ui-flow-node, .red-ui-flow-group-outline').get().map((each) => each.getBoundingClientRect());
      const x = Math.min(...boxes.map((box) => box.left)) - 15, y = Math.min(...boxes.map((box) => box.top)) - 15;
      return { x, y, width: Math.max(...boxes.map((box) => box.right)) + 15 - x, height: Math.max(...boxes.map((box) => box.bottom)) + 15 - y };
    })()`);
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), clip });
    await this.run('$("#red-ui-notifications").show()');
    if (usual) await this.page.setViewport(usual);
  }

  /** Imports an example through the menu's dialog, the way a user does. */
  async importExample(name: string): Promise<void> {
    await this.run('RED.actions.invoke("core:show-examples-import-dialog")');
    // The tree is filled as it is opened, and made anew each time; so every step is taken again until it counts.
    const step = `(() => {
      const labels = $('#red-ui-clipboard-dialog-import-tab-examples .red-ui-treeList-label:visible');
      const named = (wanted) => labels.filter((_, each) => $(each).text().trim() === wanted).first();
      const leaf = named(${JSON.stringify(name)});
      (leaf.length ? leaf : named('@sipflow/node-red-sipflow')).trigger('click');
      return leaf.length > 0 && !$('#red-ui-clipboard-dialog-ok').button('option', 'disabled');
    })()`;
    await this.page.waitForFunction(step, { polling: 700 });
    await this.run('$("#red-ui-clipboard-dialog-ok").trigger("click")');
    await this.until('$("#red-ui-clipboard-dialog:visible").length === 0');
  }

  async deploy(): Promise<void> {
    await this.run('RED.actions.invoke("core:deploy-flows")');
    await this.until('!RED.nodes.dirty()');
  }

  /** Waits until the phones and the MQTT nodes of a flow show that they are connected. */
  async untilConnected(tab: string): Promise<void> {
    const waiting = `(() => {
      const waiting = [];
      const look = (node) => { if (node.status?.fill !== 'green') waiting.push(node.type + ' ' + (node.name ?? '') + ': ' + node.status?.text); };
      RED.nodes.eachNode((node) => { if (node.z === '${tab}' && /^mqtt /.test(node.type)) look(node); });
      RED.nodes.eachConfig((node) => { if (node.z === '${tab}' && node.type === 'sip-instance') look(node); });
      return waiting;
    })()`;
    await this.until(`${waiting}.length === 0`).catch(async (cause: unknown) => {
      const names = (await this.run<string[]>(waiting)).join(', ');
      throw new Error(`not connected: ${names}`, { cause });
    });
  }

  /** Presses the button of an inject node. */
  async press(id: string): Promise<void> {
    await this.run(
      `(() => { const node = RED.nodes.node(${JSON.stringify(id)}); node._def.button.onclick.call(node); })()`,
    );
  }

  /** Holds a key down while another is pressed. */
  async chord(modifier: 'Alt', key: 'ArrowUp' | 'ArrowDown'): Promise<void> {
    await this.page.keyboard.down(modifier);
    await this.page.keyboard.press(key);
    await this.page.keyboard.up(modifier);
  }

  /**
   * Goes through an open form with the Tab key, and returns what it found wrong: controls that it did not come to,
   * and controls on which a screen reader would have nothing to say.
   */
  async tabThroughForm(): Promise<string[]> {
    await this.run(`(() => {
      const controls = $('.red-ui-tray .sipflow-form:visible').find('input, select, textarea, button, a').filter(':visible');
      window.controls = controls.get().filter((each) => !each.disabled && each.getAttribute('tabindex') !== '-1');
      window.reached = new Set();
      window.controls[0].focus();
    })()`);
    const step = `(() => {
      window.reached.add(document.activeElement);
      return $(document.activeElement).closest('.sipflow-form').length > 0;
    })()`;
    const count = await this.run<number>('window.controls.length');
    for (let n = 0; n < 2 * count && (await this.run<boolean>(step)); n++)
      await this.page.keyboard.press('Tab');
    return this.run<string[]>(`window.controls.flatMap((each) => {
      const labels = [...(each.labels ?? [])].map((label) => label.textContent).join('');
      const spoken = each.getAttribute('aria-label') || labels.trim() || each.title || each.textContent.trim();
      const named = each.id || each.outerHTML.slice(0, 120);
      return [...(window.reached.has(each) ? [] : ['not reached by Tab: ' + named]), ...(spoken ? [] : ['says nothing: ' + named])];
    })`);
  }

  /** Opens the form of a node that is in the flow, or of a config node. */
  async openForm(id: string): Promise<void> {
    await this.run(`(() => {
      const node = RED.nodes.node(${JSON.stringify(id)});
      if (node.z) RED.workspaces.show(node.z);
      if (node._def.category === 'config') RED.editor.editConfig('', node.type, node.id);
      else RED.editor.edit(node);
    })()`);
    await this.until(
      '$(".red-ui-tray .sipflow-form:visible").length === 1 && !$(".red-ui-tray").is(":animated")',
    );
    // By the clock of the page, so that what it has put off itself, such as moving the focus, is done before.
    await this.run('new Promise((done) => setTimeout(done, 400))');
  }

  /** Opens a page of a form with tabs, as the mouse does. */
  async showTab(name: string): Promise<void> {
    await this.run(`$('[href="#sipflow-tab-${name}"]').trigger('mousedown').trigger('mouseup'); undefined`);
    await this.until(`$('#sipflow-tab-${name}').is(':visible')`);
    // Two clicks in a row would be a double click.
    await this.run('new Promise((done) => setTimeout(done, 450))');
  }

  /**
   * Runs an expression that lists what is wrong with what is shown, until nothing is, and returns what stays wrong for
   * seconds: a slow machine shows a form before it has laid it out.
   */
  async faults(expression: string): Promise<string[]> {
    const until = performance.now() + FAULT_PATIENCE_MS;
    for (;;) {
      const found = await this.run<string[]>(expression);
      if (found.length === 0 || performance.now() > until) return found;
      await this.run('new Promise((done) => setTimeout(done, 100))');
    }
  }

  async closeForm(): Promise<void> {
    await this.run(
      '$("#node-dialog-cancel, #node-config-dialog-cancel").filter(":visible").trigger("click")',
    );
    await this.until('$(".red-ui-tray").length === 0');
  }
}
