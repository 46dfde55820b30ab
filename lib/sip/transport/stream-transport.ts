import type { Server, Socket } from 'node:net';
import { type Clock, SipflowError, systemClock } from '../../common';
import { hostOf } from '../message/uri';
import type { TransportName } from '../types';
import { Listener } from './listener';
import { Pulse } from './pulse';
import { StreamFramer } from './stream-framer';
import { certificateAdvice } from './tls-sockets';
import { PING, type Peer, type Transport, type TransportHandlers } from './transport';
import { TRANSPORTS } from './kinds';

/** Maker of the sockets of one kind of stream. */
export interface StreamSockets {
  readonly name: TransportName;
  /** A server that is not listening yet; calls back with each connection that is ready for SIP. */
  createServer(onConnection: (socket: Socket) => void): Server;
  /** A client on its way; writes wait until it is connected. */
  connect(destination: Peer): Socket;
  /** Event of a client that is ready: `connect` or `secureConnect`. */
  readonly readyEvent: string;
}

/** Longest wait for a connection: a call should fail before its user gives up. */
const CONNECT_TIMEOUT_MS = 5_000;
/** A connection without any byte for so long is closed; the next message opens another. */
const IDLE_TIMEOUT_MS = 30 * 60_000;
/** A stranger that connects and says nothing must not hold its place for longer. */
const FIRST_MESSAGE_TIMEOUT_MS = 32_000;
/** Longest wait for a peer to read its last answer. */
const CLOSE_TIMEOUT_MS = 1_000;
const TCP_KEEP_ALIVE_MS = 30_000;
/** Bytes that may wait for a peer that does not read. */
const MAX_UNSENT_BYTES = 1 << 20;

const UNANSWERED = 'the peer closed the connection without an answer';
/**
 * A listener that wants certificates may close without an alert (that of TLS 1.3 comes after the handshake, if at
 * all).
 */
const UNANSWERED_TLS = `${UNANSWERED}; perhaps it requires a client certificate`;

/** SIP over connections (RFC 3261, 18): those that peers open to us, and those that we open and keep. */
export class StreamTransport implements Transport {
  readonly reliable = true;
  readonly name: TransportName;
  #local: { address: string; port: number };
  #listener: Listener | undefined;
  #open = false;
  /** By far end: address and port. */
  readonly #connections = new Map<string, Socket>();
  readonly #sockets = new Set<Socket>();
  /** Keep-alive state of the connections that were pinged. */
  readonly #pulses = new Map<Socket, Pulse>();
  /** Connections of ours that are not ready for SIP yet. */
  readonly #connecting = new WeakMap<Socket, Promise<void>>();

  /** @param port 0 = any free port */
  constructor(
    private readonly sockets: StreamSockets,
    private readonly address: string,
    private readonly port: number,
    private readonly handlers: TransportHandlers,
    private readonly connectTimeoutMs = CONNECT_TIMEOUT_MS,
    private readonly clock: Clock = systemClock,
  ) {
    this.name = sockets.name;
    this.#local = { address, port };
  }

  get local(): { address: string; port: number } {
    return this.#local;
  }

  /** Enables outgoing connections without a listener. */
  startClientOnly(): void {
    this.#open = true;
  }

  /** @param port when it is known only now */
  async start(port = this.port): Promise<void> {
    const server = this.sockets.createServer((socket) => {
      const { remoteAddress: address, remotePort: port } = socket;
      if (address === undefined || port === undefined) socket.destroy();
      else this.#adopt(socket, { transport: this.name, address, port });
    });
    const listener = new Listener(server, {
      name: this.name,
      address: this.address,
      port,
      onFailure: (error) => this.handlers.onFailure(error),
    });
    this.#open = true;
    this.#local = await listener.start();
    this.#listener = listener;
  }

  send(bytes: Buffer, destination: Peer): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (cause: unknown): void => reject(sendFault(this.name, destination, cause));
      if (!this.#open) {
        failed(new Error('the endpoint is closed'));
        return;
      }
      const { returnPort, patienceMs, ...target } = destination;
      const socket = this.#connectionTo(target, returnPort, patienceMs);
      if (socket.writableLength > MAX_UNSENT_BYTES) {
        socket.destroy(new Error('the peer does not read'));
        failed(new Error('the peer does not read'));
        return;
      }
      const write = (): void => {
        socket.write(bytes, (error) => {
          // The stream only says that it was destroyed; why is what helps.
          if (error) failed(socket.errored ?? error);
          else resolve();
        });
      };
      const connecting = this.#connecting.get(socket);
      if (connecting) connecting.then(write, failed);
      else write();
    });
  }

  isOpen(peer: Peer): boolean {
    return this.#connections.has(keyOf(peer));
  }

  ping(peer: Peer): void {
    this.send(PING, peer).then(
      () => this.#pulseOf(peer)?.pinged(),
      // Its loss is told.
      () => undefined,
    );
  }

  expectPongs(peer: Peer): void {
    this.#pulseOf(peer)?.expect();
  }

  drop(peer: Peer): void {
    const key = keyOf(peer);
    const socket = this.#connections.get(key);
    // What is sent next must not wait for its end.
    this.#connections.delete(key);
    socket?.destroy(new Error('the peer does not answer any more'));
  }

  async close(): Promise<void> {
    const listener = this.#listener;
    this.#open = false;
    this.#listener = undefined;
    const closed = [...this.#sockets].map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          socket.destroySoon();
          // What is unsent may go out, but a peer that does not read must not hold us up.
          setImmediate(() => socket.destroy());
        }),
    );
    if (listener) closed.push(listener.close());
    await Promise.all(closed);
  }

  /** The connection to that far end, or a new one: to the return port, if there is one. */
  #connectionTo(target: Peer, returnPort: number | undefined, patienceMs: number | undefined): Socket {
    const known = this.#connections.get(keyOf(target));
    if (known) return known;
    const listener = { ...target, port: returnPort ?? target.port };
    return this.#connections.get(keyOf(listener)) ?? this.#connect(listener, patienceMs);
  }

  #connect(destination: Peer, patienceMs = this.connectTimeoutMs): Socket {
    const socket = this.sockets.connect(destination);
    socket.setTimeout(patienceMs, () => socket.destroy(new Error('no answer to the connection request')));
    // TLS takes what is written for sent before it knows whether the peer's certificate will do.
    const connecting = new Promise<void>((resolve, reject) => {
      socket.once(this.sockets.readyEvent, () => {
        this.#connecting.delete(socket);
        socket.removeAllListeners('timeout');
        this.#watchIdle(socket, IDLE_TIMEOUT_MS);
        resolve();
      });
      socket.once('close', () => reject(socket.errored ?? new Error('the connection was closed')));
    });
    // The sender hears of the rejection; here it only must not count as unhandled.
    connecting.catch(() => undefined);
    this.#connecting.set(socket, connecting);
    this.#adopt(socket, destination, false);
    return socket;
  }

  #adopt(socket: Socket, peer: Peer, ready = true): void {
    const key = keyOf(peer);
    const framer = new StreamFramer();
    let heard = false;
    this.#connections.set(key, socket);
    this.#sockets.add(socket);
    socket.on('error', () => {
      // `close` follows and does what is to be done; senders hear of it by their callbacks.
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#pulses.get(socket)?.stop();
      this.#pulses.delete(socket);
      if (this.#connections.get(key) === socket) this.#connections.delete(key);
      const cause =
        socket.errored ??
        (heard ? undefined : new Error(TRANSPORTS[this.name].secure ? UNANSWERED_TLS : UNANSWERED));
      const fault = cause && sendFault(this.name, peer, cause);
      if (this.#open) this.handlers.onConnectionLost(peer, fault);
    });
    socket.on('data', (chunk: Buffer) => {
      heard = true;
      this.#received(socket, framer, chunk, peer);
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
    if (ready) this.#watchIdle(socket, FIRST_MESSAGE_TIMEOUT_MS);
  }

  /** Undefined when the connection is gone. */
  #pulseOf(peer: Peer): Pulse | undefined {
    const socket = this.#connections.get(keyOf(peer));
    if (!socket) return undefined;
    const known = this.#pulses.get(socket);
    if (known) return known;
    const pulse = new Pulse(this.clock, {
      dead: () => this.drop(peer),
      silent: () => this.handlers.onSilence(peer),
    });
    this.#pulses.set(socket, pulse);
    return pulse;
  }

  #watchIdle(socket: Socket, timeoutMs: number): void {
    socket.setTimeout(timeoutMs, () => socket.end());
  }

  /** Closes after what was written has gone out; nothing more is read. */
  #closeSoon(socket: Socket): void {
    socket.setTimeout(CLOSE_TIMEOUT_MS, () => socket.destroy());
    socket.destroySoon();
  }

  #received(socket: Socket, framer: StreamFramer, chunk: Buffer, peer: Peer): void {
    try {
      const { messages, pings, broken } = framer.push(
        this.#pulses.get(socket)?.heard(chunk, framer.between) ?? chunk,
      );
      if (pings > 0) socket.write('\r\n'.repeat(pings));
      if (messages.length > 0) socket.setTimeout(IDLE_TIMEOUT_MS);
      for (const message of messages) this.handlers.onMessage(message, peer);
      if (broken) this.#closeSoon(socket);
    } catch (error) {
      socket.destroy(error as Error);
    }
  }
}

/** A far end as the key of its connection. */
export function keyOf({ address, port }: Peer): string {
  return `${address} ${port}`;
}

/** Why a message could not be sent, as a sentence for people: code TLS when a certificate is the reason. */
export function sendFault(name: TransportName, { address, port }: Peer, cause: unknown): SipflowError {
  const where = `${hostOf(address)}:${port}`;
  const certificate = certificateAdvice(cause);
  const detail = certificate ?? (cause instanceof Error ? cause.message : String(cause));
  const message = `Cannot send by ${name.toUpperCase()} to ${where}: ${detail}.`;
  return new SipflowError(certificate === undefined ? 'TRANSPORT' : 'TLS', message, { cause });
}
