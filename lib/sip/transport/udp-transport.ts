import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns';
import { isIP, isIPv6 } from 'node:net';
import { SipflowError } from '../../common';
import { LAST_STUN_BYTE } from '../../stun';
import { hostOf } from '../message/uri';
import { bindFault } from './bind-fault';
import { PING, type Peer, type Sent, type Transport, type TransportHandlers } from './transport';

/** Room for a burst of a thousand messages while the thread is busy; the system may grant less. */
const RECEIVE_BUFFER_BYTES = 1 << 20;

/** SIP over one UDP socket (RFC 3261, 18). */
export class UdpTransport implements Transport {
  readonly name = 'udp';
  readonly reliable = false;
  #socket: Socket | undefined;
  #local: { address: string; port: number };

  /** @param port 0 = any free port */
  constructor(
    private readonly address: string,
    private readonly port: number,
    private readonly handlers: TransportHandlers,
  ) {
    this.#local = { address, port };
  }

  get local(): { address: string; port: number } {
    return this.#local;
  }

  start(): Promise<void> {
    const type = isIPv6(this.address) ? 'udp6' : 'udp4';
    const socket = createSocket({
      type,
      ipv6Only: type === 'udp6',
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      lookup: resolveHost,
    });
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      let bound = false;
      socket.on('error', (error) => {
        if (bound) {
          this.handlers.onFailure(error);
          return;
        }
        socket.close();
        this.#socket = undefined;
        reject(bindFault('UDP', this.address, this.port, error));
      });
      socket.on('message', (bytes, remote) => {
        if (bytes[0] <= LAST_STUN_BYTE) this.handlers.onStun(bytes);
        else this.handlers.onMessage(bytes, { transport: 'udp', address: remote.address, port: remote.port });
      });
      socket.bind({ address: this.address, port: this.port, exclusive: true }, () => {
        bound = true;
        const { address, port } = socket.address();
        this.#local = { address, port };
        resolve();
      });
    });
  }

  send(bytes: Buffer, destination: Peer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.post(bytes, destination, (fault) => (fault ? reject(fault) : resolve()));
    });
  }

  post(bytes: Buffer, destination: Peer, sent: Sent): void {
    const socket = this.#socket;
    if (!socket) {
      queueMicrotask(() => sent(sendFault(destination, undefined)));
      return;
    }
    try {
      // `send` throws for a port out of range and for a socket that is closing.
      socket.send(bytes, destination.port, destination.address, (error) =>
        sent(error ? sendFault(destination, error) : undefined),
      );
    } catch (error) {
      queueMicrotask(() => sent(sendFault(destination, error)));
    }
  }

  isOpen(): boolean {
    return this.#socket !== undefined;
  }

  ping(destination: Peer): void {
    // Nothing answers it; it keeps a NAT open.
    this.send(PING, destination).catch(() => undefined);
  }

  expectPongs(): void {
    // Only STUN could tell here (RFC 5626, 4.4.2).
  }

  drop(): void {
    // Datagrams need no connection.
  }

  close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return Promise.resolve();
    return new Promise((resolve) => socket.close(() => resolve()));
  }
}

function sendFault({ address, port }: Peer, cause: unknown): SipflowError {
  const detail = cause instanceof Error ? cause.message : 'the endpoint is closed';
  const where = `${hostOf(address)}:${port}`;
  return new SipflowError('TRANSPORT', `Cannot send by UDP to ${where}: ${detail}.`, { cause });
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string, family: number) => void;

/** Addresses pass at once: the system's resolver would cost a turn of the event loop for each message. */
function resolveHost(host: string, family: unknown, callback: LookupCallback): void {
  const known = isIP(host);
  if (known !== 0) callback(null, host, known);
  else lookup(host, { family: family === 6 ? 6 : 4 }, callback);
}
