import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { DatagramDriver, DatagramHandler, DatagramSocket } from './driver';

/** Datagrams by `node:dgram`: the event loop sends and receives, so turns of the wheel mean nothing here. */
export class DgramDriver implements DatagramDriver {
  async bind(address: string, port: number): Promise<DatagramSocket> {
    return new DgramSocket(await bindSocket(address, port));
  }

  turn(): void {
    // The event loop reads the sockets between two turns.
  }

  sleep(): void {
    // Packets wake the event loop.
  }

  stop(): void {
    // Each socket has freed what it held.
  }
}

class DgramSocket implements DatagramSocket {
  /** The part of a buffer that was sent last: given offset and length, dgram would make a view for each packet. */
  #lastPacket: Uint8Array = new Uint8Array(0);
  #lastView = this.#lastPacket;

  constructor(private readonly socket: Socket) {}

  receive(handler: DatagramHandler): void {
    this.socket.on('message', (packet, from) => handler(packet, from.address, from.port));
  }

  send(packet: Uint8Array, length: number, port: number, address: string): boolean {
    if (packet !== this.#lastPacket || length !== this.#lastView.length) {
      this.#lastPacket = packet;
      this.#lastView = packet.subarray(0, length);
    }
    this.socket.send(this.#lastView, port, address);
    // Most are sent within the call. What the system has no room for is not copied.
    return this.socket.getSendQueueCount() === 0;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }
}

function bindSocket(address: string, port: number): Promise<Socket> {
  const family = isIPv6(address) ? 6 : 4;
  // The default lookup defers every send by a tick, after which a reused buffer holds the next packet.
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    lookup: (host, _options, callback) => callback(null, host, family),
  });
  return new Promise((resolve, reject) => {
    const bindFault = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.on('error', bindFault);
    // With a synchronous lookup `listening` is emitted inside `bind`. There is an error listener at any time.
    socket.once('listening', () => {
      socket.on('error', () => undefined);
      socket.off('error', bindFault);
      resolve(socket);
    });
    socket.bind({ address, port, exclusive: true });
  });
}
