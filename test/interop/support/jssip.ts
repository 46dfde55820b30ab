import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'puppeteer-core';
import { findChromium, launchChromium } from '../../editor/chromium';
import { CERTIFICATE } from './asterisk';
import type { RunningPeer } from './suite';

const SCRIPT = join(__dirname, '..', 'peers', 'jssip', 'page.mjs');

export interface JsSipAccount {
  /** Of the WebSocket. */
  url: string;
  uri: string;
  /** With one it registers. */
  password?: string;
  /** Whether it offers plain RTP instead of WebRTC. */
  plain?: boolean;
}

/** What happened to its call. */
export interface JsSipEvent {
  event: string;
  originator?: 'local' | 'remote' | 'system';
  cause?: string;
  status?: number;
  warning?: string;
}

/** JsSIP in pages of a Chromium, which accepts the certificate of the tests. */
export class JsSip implements RunningPeer {
  readonly #log: string[] = [];
  readonly #pages: Page[] = [];

  private constructor(
    private readonly browser: Browser,
    private readonly server: Server,
    readonly version: string,
  ) {}

  static async open(): Promise<JsSip | undefined> {
    const program = findChromium();
    if (!program) return undefined;
    const [bundle, browser] = await Promise.all([
      build({ entryPoints: [SCRIPT], bundle: true, write: false, format: 'iife', platform: 'browser' }),
      launchChromium(program, [`--ignore-certificate-errors-spki-list=${publicKeyHash(CERTIFICATE)}`]),
    ]);
    const html = `<!doctype html><meta charset="utf-8"><script>${bundle.outputFiles[0]?.text}</script>`;
    const server = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.setHeader('Connection', 'close');
      response.end(html);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new JsSip(browser, server, `${jsSipVersion()} in ${await browser.version()}`);
  }

  /** Of its pages, as a browser names it in `Origin`. */
  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A page with a phone, and how its connection or registration went. */
  async page(account: JsSipAccount, origin = this.origin): Promise<{ phone: JsSipPhone; opened: string }> {
    const page = await this.browser.newPage();
    this.#pages.push(page);
    page.on('console', (message) => this.#log.push(message.text()));
    page.on('pageerror', (error) => this.#log.push(String(error)));
    await page.goto(origin);
    const phone = new JsSipPhone(page);
    return { phone, opened: await phone.run('open', account) };
  }

  /** After each test. */
  async clean(): Promise<void> {
    await Promise.all(this.#pages.splice(0).map((page) => page.close()));
    // Chromium opens connections for requests that it may make later.
    this.server.closeAllConnections();
  }

  log(): string {
    return this.#log.splice(0).join('\n');
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

/** The phone of one page. */
export class JsSipPhone {
  constructor(private readonly page: Page) {}

  run<T>(method: string, ...args: unknown[]): Promise<T> {
    return this.page.evaluate(`phone.${method}(...${JSON.stringify(args)})`) as Promise<T>;
  }

  /** Status of the answer to OPTIONS or MESSAGE. */
  ask(method: 'OPTIONS' | 'MESSAGE', target: string): Promise<number | string> {
    return this.run('ask', method, target);
  }

  next(event: string): Promise<JsSipEvent> {
    return this.run('next', event);
  }
}

function publicKeyHash(file: string): string {
  const { publicKey } = new X509Certificate(readFileSync(file));
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

function jsSipVersion(): string {
  const manifest = readFileSync(require.resolve('jssip/package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
