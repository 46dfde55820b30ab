import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import {
  connect as connectTcp,
  createServer as createTcp,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { connect as connectTls, createServer as createTls } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { OWN } from './certificate';
import { StreamFramer } from '../../../lib/sip/transport/stream-framer';
import type { FuzzLink, FuzzTransport } from './transports';
import type { Dice } from './mutate';

type Address = { address: string; port: number };

/** One connection of the fuzzer, whatever it is made of. */
interface Connection {
  readonly open: boolean;
  write(message: string): void;
  /** Sends the beginning of a message, or bytes that are no message at all, and is gone. */
  breakOff(message: string): void;
  destroy(): Promise<void>;
}

/** Broken messages that go over one connection before it is replaced. */
const MESSAGES_PER_CONNECTION = 25;
/** Share of connections that end in the middle of a message. */
const BROKEN_OFF = 0.3;

/**
 * A link of connections. Sound messages have a connection of their own: what a broken one does to its connection must
 * not reach them, and that it does not is what the probes show.
 */
export function connectionTransport(name: 'tcp' | 'tls' | 'ws' | 'wss', messages: number): FuzzTransport {
  const web = name === 'ws' || name === 'wss';
  const secure = name === 'tls' || name === 'wss';
  return {
    name,
    messages,
    async open(phone, onMessage, dice): Promise<FuzzLink> {
      const connect = (): Connection =>
        web ? webConnection(phone, secure, onMessage) : streamConnection(phone, secure, onMessage);
      const { server, sockets } = web ? webServer(secure, onMessage) : streamServer(secure, onMessage);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const link = new ConnectionLink(connect, dice);
      return {
        address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
        send: (message) => link.send(message),
        sendBroken: (message) => link.sendBroken(message),
        close: async () => {
          await link.close();
          const closed = once(server, 'close');
          server.close();
          for (const socket of sockets) socket.destroy();
          await closed;
        },
      };
    },
  };
}

class ConnectionLink {
  #sound: Connection | undefined;
  #dirty: Connection | undefined;
  #sent = 0;

  constructor(
    private readonly connect: () => Connection,
    private readonly dice: Dice,
  ) {}

  send(message: string): void {
    if (!this.#sound?.open) this.#sound = this.connect();
    this.#sound.write(message);
  }

  sendBroken(message: string): void {
    if (this.#dirty && ++this.#sent >= MESSAGES_PER_CONNECTION) {
      if (this.dice.chance(BROKEN_OFF)) this.#dirty.breakOff(message);
      else void this.#dirty.destroy();
      this.#dirty = undefined;
    }
    if (!this.#dirty?.open) {
      this.#dirty = this.connect();
      this.#sent = 0;
    }
    this.#dirty.write(message);
  }

  async close(): Promise<void> {
    await Promise.all([this.#sound?.destroy(), this.#dirty?.destroy()]);
  }
}

function streamConnection(phone: Address, secure: boolean, onMessage: (message: string) => void): Connection {
  const target = { host: phone.address, port: phone.port };
  const socket = secure ? connectTls({ ...target, ca: OWN.cert }) : connectTcp(target);
  readStream(socket, onMessage);
  return {
    get open() {
      return !socket.destroyed && socket.writable;
    },
    write: (message) => void socket.write(message, 'latin1'),
    breakOff: (message) =>
      void socket.write(message.slice(0, message.length / 2), 'latin1', () => socket.destroy()),
    destroy: () => destroyed(socket),
  };
}

function webConnection(phone: Address, secure: boolean, onMessage: (message: string) => void): Connection {
  const url = `${secure ? 'wss' : 'ws'}://${phone.address}:${phone.port}/`;
  const socket = new WebSocket(url, 'sip', { ca: OWN.cert, perMessageDeflate: false });
  const waiting: string[] = [];
  const write = (message: string): void => socket.send(Buffer.from(message, 'latin1'), () => undefined);
  readWeb(socket, onMessage);
  socket.on('open', () => waiting.splice(0).forEach(write));
  return {
    get open() {
      return socket.readyState <= WebSocket.OPEN;
    },
    write: (message) =>
      void (socket.readyState === WebSocket.CONNECTING ? waiting.push(message) : write(message)),
    breakOff: (message) => {
      // Bytes that are no frame of a WebSocket.
      const raw = connectTcp({ host: phone.address, port: phone.port });
      raw.on('error', () => undefined);
      raw.write(message, 'latin1', () => raw.destroy());
      socket.terminate();
    },
    destroy: async () => {
      if (socket.readyState === WebSocket.CLOSED) return;
      // `once` of node:events would reject for the error that comes before.
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.terminate();
      await closed;
    },
  };
}

function streamServer(secure: boolean, onMessage: (message: string) => void): Listening {
  const sockets = new Set<Socket>();
  const adopt = (socket: Socket): void => readStream(socket, onMessage);
  const server = secure ? createTls(OWN, adopt) : createTcp(adopt);
  server.on('tlsClientError', () => undefined);
  return { server: tracked(server, sockets), sockets };
}

function webServer(secure: boolean, onMessage: (message: string) => void): Listening {
  const sockets = new Set<Socket>();
  const server = secure ? createHttps(OWN) : createHttp();
  const web = new WebSocketServer({ server, handleProtocols: () => 'sip', clientTracking: false });
  web.on('connection', (socket) => readWeb(socket, onMessage));
  return { server: tracked(server, sockets), sockets };
}

interface Listening {
  server: Server;
  sockets: Set<Socket>;
}

function tracked(server: Server, sockets: Set<Socket>): Server {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  return server;
}

function readStream(socket: Socket, onMessage: (message: string) => void): void {
  const framer = new StreamFramer();
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    for (const message of framer.push(chunk).messages) onMessage(message.toString('latin1'));
  });
}

function readWeb(socket: WebSocket, onMessage: (message: string) => void): void {
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => onMessage(data.toString('latin1')));
}

async function destroyed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.destroy();
  await closed;
}
