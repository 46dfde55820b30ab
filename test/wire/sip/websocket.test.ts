import assert from 'node:assert/strict';
import { once as eventOf } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { WebSocket, type ClientOptions } from 'ws';
import { ANSWER, Bench, nextInvite, uriOf } from './support/endpoints';
import { parse, request, response, SDP, type RawMessage } from './support/raw-peer';

/** A browser, as far as SIP is concerned: it cannot be connected to, and its host names do not exist. */
class Browser {
  readonly #queue: RawMessage[] = [];
  readonly #waiters: ((message: RawMessage) => void)[] = [];

  private constructor(readonly socket: WebSocket) {
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const message = parse(data.toString());
      const waiter = this.#waiters.shift();
      if (waiter) waiter(message);
      else this.#queue.push(message);
    });
  }

  static async open(port: number, protocols: string | string[] = 'sip'): Promise<Browser> {
    const browser = new Browser(new WebSocket(`ws://127.0.0.1:${port}/any`, protocols));
    await eventOf(browser.socket, 'open');
    return browser;
  }

  next(): Promise<RawMessage> {
    const known = this.#queue.shift();
    return known ? Promise.resolve(known) : new Promise((resolve) => this.#waiters.push(resolve));
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.terminate();
    await eventOf(this.socket, 'close');
  }
}

const VIA = 'Via: SIP/2.0/WS a1b2c3.invalid;branch=z9hG4bKbrowser';
const CONTACT = '<sip:web@a1b2c3.invalid;transport=ws>';

describe('SIP over WebSocket', () => {
  const bench = new Bench();
  const browsers: Browser[] = [];
  const open = async (port: number): Promise<Browser> => {
    const browser = await Browser.open(port);
    browsers.push(browser);
    return browser;
  };
  afterEach(async () => {
    await Promise.all(browsers.splice(0).map((browser) => browser.close()));
    await bench.close(0);
  });

  it('reaches a browser over its own connection only, for responses and for requests in the dialog', async () => {
    const bob = await bench.endpoint('bob', { transport: 'ws' });
    const browser = await open(bob.localAddress.port);
    assert.equal(browser.socket.protocol, 'sip');
    const incoming = nextInvite(bob);
    const invite = request('INVITE', {
      port: 9,
      target: uriOf(bob),
      via: `${VIA}1`,
      contact: CONTACT,
      callId: 'browser-call',
      body: SDP,
    });
    browser.socket.send(invite);
    const { dialog } = (await incoming).accept({ body: ANSWER });
    let answer = await browser.next();
    while (answer.startLine.includes('100')) answer = await browser.next();
    assert.match(answer.startLine, /^SIP\/2\.0 200/);
    assert.match(answer.header('Contact'), /;transport=ws>$/);
    browser.socket.send(
      request('ACK', {
        port: 9,
        target: uriOf(bob),
        via: `${VIA}2`,
        contact: null,
        callId: 'browser-call',
        to: answer.header('To'),
      }),
    );
    const gone = dialog.bye();
    const bye = await browser.next();
    assert.equal(bye.startLine, 'BYE sip:web@a1b2c3.invalid;transport=ws SIP/2.0');
    assert.match(bye.header('Via'), /^SIP\/2\.0\/WS /);
    browser.socket.send(response(bye, '200 OK'));
    await gone;
  });

  it('answers keep-alives, binary frames, and what is no SIP not at all', async () => {
    const bob = await bench.endpoint('bob', { transport: 'ws' });
    const browser = await open(bob.localAddress.port);
    browser.socket.send('\r\n\r\n');
    assert.equal((await browser.next()).text, '\r\n');
    browser.socket.send('no SIP at all');
    browser.socket.send(Buffer.from([0, 255, 1, 254]));
    browser.socket.send(
      Buffer.from(request('OPTIONS', { port: 9, target: uriOf(bob), via: `${VIA}3`, contact: CONTACT })),
      { binary: true },
    );
    const answer = await browser.next();
    assert.match(answer.startLine, /^SIP\/2\.0 200/);
    assert.match(answer.header('Via'), /received=127\.0\.0\.1/);
  });

  it('lets in the pages whose origin is listed, and programs, which name none', async () => {
    const handshake = (port: number, options: ClientOptions): Promise<string> => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`, 'sip', options);
      return new Promise((resolve) => {
        socket.on('open', () => {
          socket.once('close', () => resolve('open'));
          socket.terminate();
        });
        socket.on('error', ({ message }) => resolve(/\d{3}/.exec(message)?.[0] ?? message));
      });
    };
    const closed = await bench.endpoint('bob', { transport: 'ws' });
    const { port } = closed.localAddress;
    assert.equal(await handshake(port, {}), 'open');
    for (const origin of ['https://evil.example', `http://127.0.0.1:${port}`, 'null', '']) {
      assert.equal(await handshake(port, { headers: { Origin: origin } }), '403', origin);
    }
    // Version 8 of the protocol names its field otherwise.
    assert.equal(await handshake(port, { origin: 'https://evil.example', protocolVersion: 8 }), '403');

    const allowedOrigins = ['https://Phone.example:443/', 'http://localhost:8080', 'capacitor://localhost'];
    const listed = await bench.endpoint('carol', { transport: 'ws', allowedOrigins });
    const asked = async (origin: string): Promise<string> => handshake(listed.localAddress.port, { origin });
    for (const origin of ['https://phone.example', 'http://localhost:8080', 'capacitor://localhost']) {
      assert.equal(await asked(origin), 'open', origin);
    }
    for (const origin of [
      'http://phone.example',
      'https://phone.example:8443',
      'https://phone.example.evil.example',
      'https://evil.example/https://phone.example',
      'http://localhost',
    ]) {
      assert.equal(await asked(origin), '403', origin);
    }
    const any = await bench.endpoint('dave', { transport: 'ws', allowedOrigins: ['*'] });
    assert.equal(await handshake(any.localAddress.port, { origin: 'null' }), 'open');
  });

  it('refuses a list with what is no origin', async () => {
    for (const origin of ['phone.example', 'https://phone.example/path', 'https://', '']) {
      await assert.rejects(bench.endpoint('bob', { transport: 'ws', allowedOrigins: [origin] }), {
        code: 'BAD_CONFIG',
      });
    }
  });

  it('turns away who does not ask for SIP, and who sends messages without end', async () => {
    const bob = await bench.endpoint('bob', { transport: 'ws' });
    const { port } = bob.localAddress;
    for (const protocols of [[], ['chat']]) {
      const stranger = new WebSocket(`ws://127.0.0.1:${port}/`, protocols);
      const [error] = (await eventOf(stranger, 'error')) as [Error];
      assert.match(error.message, /40[01]/);
    }
    const browser = await open(port);
    browser.socket.send('x'.repeat(200_000));
    const [code] = (await eventOf(browser.socket, 'close')) as [number];
    assert.equal(code, 1009);
    const web = connectTcp(port, '127.0.0.1');
    web.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [page] = (await eventOf(web, 'data')) as [Buffer];
    assert.match(page.toString(), /^HTTP\/1\.1 426/);
    web.destroy();
    const next = await open(port);
    next.socket.send(request('OPTIONS', { port: 9, target: uriOf(bob), via: `${VIA}4`, contact: CONTACT }));
    assert.match((await next.next()).startLine, /^SIP\/2\.0 200/);
  });
});
