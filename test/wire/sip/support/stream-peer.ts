import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { parse, type RawMessage } from './raw-peer';

const PATIENCE_MS = 10_000;

/** One connection with handwritten messages on it. */
export class RawConnection {
  /** Everything that came over it, in order; keep-alives too. */
  readonly received: RawMessage[] = [];
  readonly #waiters: (() => void)[] = [];
  #rest = '';

  constructor(
    private readonly write: (text: string) => void,
    /** Cuts it, without a word. */
    readonly destroy: () => void,
    readonly farPort: number,
  ) {}

  send(text: string): void {
    this.write(text);
  }

  /** The next message whose start line contains the text, waiting for it; it is taken away. */
  async next(startLine: string): Promise<RawMessage> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const index = this.received.findIndex((message) => message.startLine.includes(startLine));
      if (index >= 0) return this.received.splice(index, 1)[0];
      const seen = this.received.map((message) => message.startLine).join('; ');
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${startLine} never came; there is: ${seen}`)),
          until - Date.now(),
        );
        this.#waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Bytes of a stream. */
  chunk(bytes: Buffer): void {
    this.#rest += bytes.toString('latin1');
    for (;;) {
      if (this.#rest.startsWith('\r\n')) {
        const end = this.#rest.startsWith('\r\n\r\n') ? 4 : 2;
        this.arrived(this.#rest.slice(0, end));
        this.#rest = this.#rest.slice(end);
        continue;
      }
      const head = this.#rest.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/^content-length: *(\d+)/im.exec(this.#rest.slice(0, head))?.[1] ?? 0);
      if (this.#rest.length < head + 4 + length) return;
      this.arrived(this.#rest.slice(0, head + 4 + length));
      this.#rest = this.#rest.slice(head + 4 + length);
    }
  }

  /** A whole message. */
  arrived(text: string): void {
    this.received.push(parse(text, this.farPort));
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

/** A server of connections that does exactly what a test tells it. */
export class RawServer {
  readonly connections: RawConnection[] = [];
  readonly #waiters: ((connection: RawConnection) => void)[] = [];

  private constructor(private readonly server: Server) {}

  /** @param tls key and certificate for `tls` and `wss` */
  static async open(
    transport: 'tcp' | 'tls' | 'ws' | 'wss',
    tls: { key?: string; cert?: string } = {},
    port = 0,
  ): Promise<RawServer> {
    const adopted = (socket: Socket): void => peer.#add(ofSocket(socket));
    const server = {
      tcp: () => createServer(adopted),
      tls: () => createTlsServer(tls, adopted),
      ws: () => createHttpServer(),
      wss: () => createHttpsServer(tls),
    }[transport]();
    const peer = new RawServer(server);
    server.on('tlsClientError', () => undefined);
    if (transport === 'ws' || transport === 'wss') {
      const sockets = new WebSocketServer({ server: server as ReturnType<typeof createHttpServer> });
      sockets.on('connection', (socket, request) =>
        peer.#add(ofWebSocket(socket, request.socket.remotePort ?? 0)),
      );
    }
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return peer;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The connection with that number, waiting for it. */
  async connection(number = 1): Promise<RawConnection> {
    while (this.connections.length < number) {
      await new Promise<unknown>((resolve) => this.#waiters.push(resolve));
    }
    return this.connections[number - 1];
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const connection of this.connections) connection.destroy();
    await closed;
  }

  #add(connection: RawConnection): void {
    this.connections.push(connection);
    for (const wake of this.#waiters.splice(0)) wake(connection);
  }
}

/** Connects to an endpoint. */
export async function connectRaw(
  transport: 'tcp' | 'tls',
  port: number,
  ca?: string,
): Promise<RawConnection> {
  const options = { host: '127.0.0.1', port };
  const socket = transport === 'tcp' ? connect(options) : connectTls({ ...options, ...(ca && { ca }) });
  await once(socket, transport === 'tcp' ? 'connect' : 'secureConnect');
  return ofSocket(socket);
}

function ofSocket(socket: Socket): RawConnection {
  const connection = new RawConnection(
    (text) => socket.write(text),
    () => socket.destroy(),
    socket.remotePort ?? 0,
  );
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => connection.chunk(bytes));
  return connection;
}

function ofWebSocket(socket: WebSocket, farPort: number): RawConnection {
  const connection = new RawConnection(
    (text) => socket.send(text),
    () => socket.terminate(),
    farPort,
  );
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => connection.arrived(data.toString('latin1')));
  return connection;
}
