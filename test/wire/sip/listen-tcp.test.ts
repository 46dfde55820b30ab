import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Phones, receive } from '../../support/phones';
import { Bench, uriOf } from './support/endpoints';
import { parse, request, SDP, type RawMessage } from './support/raw-peer';

/** Sends text over a connection and reads responses one by one. */
class Caller {
  #text = '';
  private constructor(readonly socket: Socket) {
    socket.on('data', (bytes) => (this.#text += bytes.toString('latin1')));
  }

  static async open(port: number): Promise<Caller> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return new Caller(socket);
  }

  send(text: string): void {
    this.socket.write(Buffer.from(text.replace('SIP/2.0/UDP', 'SIP/2.0/TCP'), 'latin1'));
  }

  async next(start: string): Promise<RawMessage> {
    for (;;) {
      const at = this.#text.indexOf(start);
      const end = this.#text.indexOf('\r\n\r\n', at);
      const length = Number(/Content-Length: (\d+)/.exec(this.#text.slice(at, end))?.[1]);
      if (at >= 0 && end >= 0 && this.#text.length >= end + 4 + length) {
        const message = parse(this.#text.slice(at, end + 4 + length));
        this.#text = this.#text.slice(end + 4 + length);
        return message;
      }
      await once(this.socket, 'data');
    }
  }

  async close(): Promise<void> {
    if (this.socket.closed) return;
    this.socket.destroy();
    await once(this.socket, 'close');
  }
}

describe('a UDP phone on TCP at the same port (RFC 3261, 18.2.1)', () => {
  const bench = new Bench({ listenTcp: true });
  const phones = new Phones({ mode: 'network' });
  const callers: Caller[] = [];
  afterEach(async () => {
    await phones.close();
    await bench.close(0);
    await Promise.all(callers.splice(0).map((caller) => caller.close()));
  });
  const open = async (port: number): Promise<Caller> => {
    const caller = await Caller.open(port);
    callers.push(caller);
    return caller;
  };

  for (const [name, viaPort, contactOf] of [
    ['the connection', undefined, (own: number) => `<sip:raw@127.0.0.1:${own};transport=tcp>`],
    ['the connection, but no transport', undefined, (own: number) => `<sip:raw@127.0.0.1:${own}>`],
    ['the port of its Via, and no transport', 5999, () => '<sip:raw@127.0.0.1:5999>'],
  ] as const) {
    it(`takes a call, and ends it over the connection: Contact names ${name}`, async () => {
      const bob = await phones.phone('1002');
      const answered: Promise<void>[] = [];
      receive(bob, (call) => answered.push(call.answer().then(() => call.hangup())));
      const port = bob.address?.port ?? 0;
      const caller = await open(port);
      const own = caller.socket.localPort ?? 0;
      const parts = { port: viaPort ?? own, target: `sip:1002@127.0.0.1:${port}`, callId: 'tcp-call' };
      caller.send(request('INVITE', { ...parts, contact: contactOf(own), body: SDP }));
      const ok = await caller.next('SIP/2.0 200');
      assert.equal(ok.header('Contact'), `<sip:1002@127.0.0.1:${port};transport=tcp>`);
      caller.send(request('ACK', { ...parts, to: ok.header('To') }));
      const bye = await caller.next('BYE');
      assert.match(bye.header('Via'), /^SIP\/2\.0\/TCP/);
      caller.send(
        `SIP/2.0 200 OK\r\nVia: ${bye.header('Via')}\r\nFrom: ${bye.header('From')}\r\nTo: ${bye.header('To')}\r\n` +
          `Call-ID: tcp-call\r\nCSeq: ${bye.header('CSeq')}\r\nContent-Length: 0\r\n\r\n`,
      );
      await Promise.all(answered);
    });
  }

  it('finds a pair of ports by itself, and can be told not to listen', async () => {
    const endpoints = await Promise.all(
      Array.from({ length: 20 }, (_, index) => bench.endpoint(`e${index}`)),
    );
    for (const endpoint of endpoints) {
      const caller = await open(endpoint.localAddress.port);
      caller.send(request('OPTIONS', { port: 9, target: uriOf(endpoint) }));
      assert.match((await caller.next('SIP/2.0')).startLine, /200/);
    }
    const silent = await phones.phone('1003', { listenTcp: false });
    const refused = connect(silent.address?.port ?? 0, '127.0.0.1');
    const [error] = (await once(refused, 'error').catch((reason: unknown) => [reason])) as [
      NodeJS.ErrnoException,
    ];
    assert.equal(error.code, 'ECONNREFUSED');
  });

  it('warns where the TCP port is taken, and goes on over UDP', async () => {
    const taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const warnings: Error[] = [];
    const bob = phones.create('1002', { port });
    bob.on('warning', (problem) => warnings.push(problem));
    await bob.start();
    assert.equal(bob.state, 'ready');
    assert.match(warnings[0]?.message ?? '', new RegExp(`TCP 127\\.0\\.0\\.1:${port}: the port is in use`));
    const peer = await bench.raw();
    await peer.settled(port);
    taken.close();
    await once(taken, 'close');
  });

  it('does not listen in the simulation', async () => {
    const bob = await phones.phone('1004', { mode: 'simulation' });
    const refused = connect(bob.address?.port ?? 0, '127.0.0.1');
    await new Promise((resolve) => refused.once('error', resolve));
  });

  for (const [name, broken, status] of [
    ['a negative Content-Length', 'Content-Length: -999', '400'],
    ['two different Content-Lengths', 'Content-Length: 4\r\nl: 5', '400'],
    ['an enormous Content-Length', 'Content-Length: 70000', '513'],
    ['a Content-Length that is no number', 'Content-Length: 1x', '400'],
  ] as const) {
    it(`answers ${status} to ${name}, and closes the connection at once`, async () => {
      const bob = await bench.endpoint('bob');
      const caller = await open(bob.localAddress.port);
      const closed = once(caller.socket, 'close');
      const ping = request('OPTIONS', { port: 9, target: uriOf(bob) });
      caller.send(ping.replace('Content-Length: 0', broken) + ping);
      assert.match((await caller.next('SIP/2.0')).startLine, new RegExp(status));
      await closed;
      assert.equal(caller.socket.bytesRead > 0, true);
      await assert.rejects(
        Promise.race([caller.next('SIP/2.0 200'), Promise.reject(new Error('nothing more'))]),
        /nothing more/,
      );
    });
  }

  it('closes a connection that speaks another protocol', async () => {
    const bob = await bench.endpoint('bob');
    const caller = await open(bob.localAddress.port);
    const closed = once(caller.socket, 'close');
    caller.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await closed;
    assert.equal(caller.socket.bytesRead, 0);
  });
});
