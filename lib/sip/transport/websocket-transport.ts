import { isUtf8 } from 'node:buffer';
import { createServer, type IncomingHttpHeaders, type Server as HttpServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect as connectTcp, type Server } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import type { Clock, TimerHandle } from '../../common';
import { MESSAGE_LIMITS } from '../message/limits';
import { hostOf } from '../message/uri';
import type { TlsOptions } from '../types';
import { Listener } from './listener';
import { AllowedOrigins } from './origins';
import { keyOf, sendFault } from './stream-transport';
import { tlsSide, type TlsSide } from './tls-sockets';
import type { Peer, Transport, TransportHandlers } from './transport';

/** RFC 7118, 3. */
const SUBPROTOCOL = 'sip';
/** Asterisk serves no other path, and other servers take any. */
const PATH = '/ws';
const CONNECT_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 30_000;
/** A peer that does not answer a ping for so long is gone. */
const PONG_TIMEOUT_MS = 10_000;
/** Bytes that may wait for a peer that does not read. */
const MAX_UNSENT_BYTES = 1 << 20;
const OPTIONS = { maxPayload: MESSAGE_LIMITS.bytes, perMessageDeflate: false } as const;

interface Connection {
  readonly socket: WebSocket;
  /** Settled when it is ready for SIP, or will never be. */
  readonly ready: Promise<void>;
  answeredPing: boolean;
  fault?: Error;
}

/**
 * SIP over WebSocket (RFC 7118): connections that peers open to us, and those that we open. A browser cannot be
 * connected to, so it is only ever reached over the connection that it has opened.
 */
export class WebSocketTransport implements Transport {
  readonly reliable = true;
  readonly name: 'ws' | 'wss';
  readonly #tls: TlsSide | undefined;
  readonly #origins: AllowedOrigins;
  /** By far end: address and port. */
  readonly #connections = new Map<string, Connection>();
  /** Every connection, also those whose place a newer one has taken. */
  readonly #all = new Set<Connection>();
  #local: { address: string; port: number };
  #listener: Listener | undefined;
  #pings: TimerHandle | undefined;
  #open = false;

  /**
   * @param port 0 = any free port
   * @param origins whose web pages may connect; none when empty
   * @param tls for `wss`; absent for `ws`
   * @throws SipflowError TLS for keys and certificates that cannot be used, BAD_CONFIG for an origin that is none
   */
  constructor(
    private readonly address: string,
    private readonly port: number,
    private readonly handlers: TransportHandlers,
    origins: readonly string[],
    private readonly clock: Clock,
    tls?: TlsOptions,
  ) {
    this.#origins = new AllowedOrigins(origins);
    this.name = tls ? 'wss' : 'ws';
    this.#tls = tls && tlsSide(tls);
    this.#local = { address, port };
  }

  get local(): { address: string; port: number } {
    return this.#local;
  }

  async start(): Promise<void> {
    const server = this.#createServer();
    const listener = new Listener(server, {
      name: this.name,
      address: this.address,
      port: this.port,
      onFailure: (error) => this.handlers.onFailure(error),
    });
    this.#local = await listener.start();
    this.#listener = listener;
    this.#open = true;
    this.#pings = this.#waitToPing();
  }

  async send(bytes: Buffer, destination: Peer): Promise<void> {
    try {
      if (!this.#open) throw new Error('the endpoint is closed');
      const connection = this.#connectionTo(destination);
      await connection.ready;
      await this.#write(connection, bytes);
    } catch (cause) {
      throw sendFault(this.name, destination, cause);
    }
  }

  isOpen(peer: Peer): boolean {
    return this.#connections.has(keyOf(peer));
  }

  ping(): void {
    // Every connection is pinged by itself.
  }

  expectPongs(): void {
    // Every WebSocket peer answers pings (RFC 6455, 5.5.2).
  }

  drop(peer: Peer): void {
    const connection = this.#connections.get(keyOf(peer));
    if (!connection) return;
    // What is sent next must not wait for its end.
    this.#connections.delete(keyOf(peer));
    connection.fault = new Error('the peer does not answer any more');
    connection.socket.terminate();
  }

  async close(): Promise<void> {
    this.#open = false;
    this.clock.clearTimeout(this.#pings);
    const closed = [...this.#all].map(
      ({ socket }) =>
        new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          socket.close(1001);
          // What is unsent may go out, but a peer that does not answer must not hold us up.
          setImmediate(() => socket.terminate());
        }),
    );
    if (this.#listener) closed.push(this.#listener.close());
    this.#listener = undefined;
    await Promise.all(closed);
  }

  #createServer(): Server {
    const answer: Parameters<typeof createServer>[1] = (_request, response) => {
      response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
    };
    const http: HttpServer = this.#tls
      ? createSecureServer({ ...this.#tls.serverOptions, headersTimeout: CONNECT_TIMEOUT_MS }, answer)
      : createServer({ headersTimeout: CONNECT_TIMEOUT_MS }, answer);
    http.on('tlsClientError', (_error: Error, socket: { destroy(): void }) => socket.destroy());
    const server = new WebSocketServer({
      server: http,
      ...OPTIONS,
      clientTracking: false,
      handleProtocols: (protocols) => protocols.has(SUBPROTOCOL) && SUBPROTOCOL,
      verifyClient: ({ req: { headers } }, decide) => {
        if (!this.#origins.admits(headers)) decide(false, 403);
        else decide(asksForSip(headers), 400);
      },
    });
    server.on('error', () => {
      // The HTTP server reports it too.
    });
    server.on('connection', (socket, { socket: { remoteAddress: address, remotePort: port } }) => {
      if (address === undefined || port === undefined || !this.#open) socket.terminate();
      else this.#adopt(socket, { transport: this.name, address, port }, Promise.resolve());
    });
    return http;
  }

  #connectionTo({ returnPort, ...target }: Peer): Connection {
    const known = this.#connections.get(keyOf(target));
    if (known) return known;
    const listener = { ...target, port: returnPort ?? target.port };
    return this.#connections.get(keyOf(listener)) ?? this.#connect(listener);
  }

  #connect(destination: Peer): Connection {
    const { address, port, serverName = address } = destination;
    const side = this.#tls;
    const socket = new WebSocket(`${this.name}://${hostOf(serverName)}:${port}${PATH}`, SUBPROTOCOL, {
      ...OPTIONS,
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      createConnection: () =>
        side ? connectTls(side.clientOptions(destination)) : connectTcp({ host: address, port }),
    });
    const ready = new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('close', () => reject(connection.fault ?? new Error('the connection was closed')));
    });
    // The sender hears of the rejection; here it only must not count as unhandled.
    ready.catch(() => undefined);
    const connection = this.#adopt(socket, destination, ready);
    return connection;
  }

  #adopt(socket: WebSocket, peer: Peer, ready: Promise<void>): Connection {
    const key = keyOf(peer);
    const connection: Connection = { socket, ready, answeredPing: true };
    this.#connections.set(key, connection);
    this.#all.add(connection);
    socket.on('error', (error) => {
      // `close` follows and does what is to be done.
      connection.fault = error;
    });
    socket.on('close', () => {
      this.#all.delete(connection);
      if (this.#connections.get(key) === connection) this.#connections.delete(key);
      const fault = connection.fault && sendFault(this.name, peer, connection.fault);
      if (this.#open) this.handlers.onConnectionLost(peer, fault);
    });
    socket.on('pong', () => (connection.answeredPing = true));
    socket.on('message', (data) => {
      connection.answeredPing = true;
      this.#received(socket, asBuffer(data), peer);
    });
    return connection;
  }

  #received(socket: WebSocket, bytes: Buffer, peer: Peer): void {
    // Keep-alive as in a stream (RFC 7118, 6; RFC 5626, 4.4.1).
    if (bytes.length <= 4 && /^[\r\n]*$/.test(bytes.toString('latin1'))) {
      if (bytes.length === 4) socket.send('\r\n', () => undefined);
      return;
    }
    this.handlers.onMessage(bytes, peer);
  }

  #write({ socket, fault }: Connection, bytes: Buffer): Promise<void> {
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
      socket.terminate();
      return Promise.reject(new Error('the peer does not read'));
    }
    return new Promise((resolve, reject) => {
      // A text frame must be UTF-8 (RFC 6455, 8.1).
      socket.send(bytes, { binary: !isUtf8(bytes) }, (error) => {
        if (error) reject(fault ?? error);
        else resolve();
      });
    });
  }

  #waitToPing(): TimerHandle {
    return this.clock.setTimeout(() => {
      for (const connection of this.#all) {
        const { socket } = connection;
        if (socket.readyState !== WebSocket.OPEN) continue;
        connection.answeredPing = false;
        socket.ping(() => undefined);
      }
      this.#pings = this.#waitForPongs();
    }, PING_INTERVAL_MS - PONG_TIMEOUT_MS);
  }

  #waitForPongs(): TimerHandle {
    return this.clock.setTimeout(() => {
      for (const { socket, answeredPing } of this.#all) {
        if (!answeredPing) socket.terminate();
      }
      this.#pings = this.#waitToPing();
    }, PONG_TIMEOUT_MS);
  }
}

function asksForSip({ 'sec-websocket-protocol': protocols = '' }: IncomingHttpHeaders): boolean {
  return protocols.split(',').some((each) => each.trim().toLowerCase() === SUBPROTOCOL);
}

function asBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
