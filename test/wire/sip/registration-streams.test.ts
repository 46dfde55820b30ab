import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { SipEndpoint } from '../../../lib/sip/index';
import { Bench } from './support/endpoints';
import { parse, request, response, type RawMessage } from './support/raw-peer';

/** A registrar that takes connections and accepts every REGISTER. */
class StreamRegistrar {
  /** What the answer to a REGISTER over a connection with that far port adds to its Via. */
  seenAs: (port: number) => string = () => '';
  /** Whether the connection is closed after each answer. */
  closes = false;
  connections = 0;
  readonly #sockets = new Set<Socket>();
  readonly #messages: RawMessage[] = [];
  #arrived: () => void = () => undefined;

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('data', (bytes) => this.#received(socket, bytes.toString()));
    });
  }

  static async open(): Promise<StreamRegistrar> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new StreamRegistrar(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The next REGISTER; it is answered already. */
  async next(): Promise<RawMessage> {
    while (this.#messages.length === 0) await new Promise<void>((resolve) => (this.#arrived = resolve));
    return this.#messages.shift() as RawMessage;
  }

  /** Sends over the connection of the latest REGISTER. */
  send(text: string): void {
    [...this.#sockets].at(-1)?.write(text);
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #received(socket: Socket, text: string): void {
    if (!text.startsWith('REGISTER')) return;
    const message = parse(text, socket.remotePort);
    const via = `${message.header('Via').replace(';rport', '')};${this.seenAs(socket.remotePort ?? 0)}`;
    const ok = response(message, '200 OK', {
      tag: 'r',
      headers: message
        .all('Contact')
        .filter((each) => !each.endsWith('=0'))
        .map((each) => `Contact: ${each}`),
    });
    socket.write(ok.replace(message.header('Via'), via));
    if (this.closes) socket.end();
    this.#messages.push(message);
    this.#arrived();
  }
}

describe('a registration over a connection', () => {
  let bench: Bench;
  let registrar: StreamRegistrar;
  beforeEach(async () => {
    bench = new Bench();
    registrar = await StreamRegistrar.open();
  });
  afterEach(async () => {
    await bench.close(0);
    await registrar.close();
  });

  const open = (): Promise<SipEndpoint> =>
    bench.endpoint('alice', { transport: 'tcp', registrar: `127.0.0.1:${registrar.port};transport=tcp` });
  const invited = (endpoint: SipEndpoint): Promise<string> =>
    new Promise((resolve) => {
      endpoint.on('invite', (invite) => {
        invite.reject({ status: 486 });
        resolve(invite.calledUser);
      });
    });

  it('names the outside of the connection when a NAT lies between, and is called over it', async () => {
    registrar.seenAs = () => 'received=203.0.113.5;rport=40001';
    const alice = await open();
    const called = invited(alice);
    const first = await registrar.next();
    const { port } = alice.localAddress;
    assert.equal(first.header('Contact'), `<sip:alice@127.0.0.1:${port};transport=tcp>;expires=600`);
    const second = await registrar.next();
    assert.deepEqual(second.all('Contact'), [
      '<sip:alice@203.0.113.5:40001;transport=tcp>;expires=600',
      `<sip:alice@127.0.0.1:${port};transport=tcp>;expires=0`,
    ]);
    assert.equal(registrar.connections, 1);
    registrar.send(
      request('INVITE', { port: 5060, target: 'sip:alice@203.0.113.5:40001;transport=tcp' }).replace(
        'SIP/2.0/UDP',
        'SIP/2.0/TCP',
      ),
    );
    assert.equal(await called, 'alice');
  });

  it('names its own address and listening port when only the port of the connection is another', async () => {
    registrar.seenAs = (port) => `received=127.0.0.1;rport=${port}`;
    const alice = await open();
    const registered = new Promise<void>((resolve) => {
      alice.on('registration', ({ state }) => {
        if (state === 'registered') resolve();
      });
    });
    const { port } = alice.localAddress;
    const first = await registrar.next();
    assert.equal(first.header('Contact'), `<sip:alice@127.0.0.1:${port};transport=tcp>;expires=600`);
    await registered;
    const closed = alice.close();
    const last = await registrar.next();
    assert.equal(last.header('Contact'), `<sip:alice@127.0.0.1:${port};transport=tcp>;expires=0`);
    await closed;
  });

  it('does not register without end at a server that closes after every answer', async () => {
    let outside = 40_000;
    registrar.seenAs = () => `received=203.0.113.5;rport=${++outside}`;
    registrar.closes = true;
    await open();
    await registrar.next();
    await registrar.next();
    // The second answer tells another port again, and the connection is gone: one more attempt at most follows from that.
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(registrar.connections <= 3, `${registrar.connections} connections`);
  });
});
