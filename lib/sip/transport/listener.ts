import { isIPv6, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TransportName } from '../types';
import { bindFault } from './bind-fault';

/** Peers that may be connected at the same time; further ones are turned away. */
const MAX_CONNECTIONS = 1000;

export interface ListenerOptions {
  name: TransportName;
  address: string;
  /** 0 = any free port. */
  port: number;
  /** The server failed after it had been bound. */
  onFailure(error: Error): void;
}

/** A server of connections: its binding, and an end that does not wait for its peers. */
export class Listener {
  /** Every connection as TCP sees it, also those whose handshake has not ended. */
  readonly #raw = new Set<Socket>();

  constructor(
    private readonly server: Server,
    private readonly options: ListenerOptions,
  ) {
    server.maxConnections = MAX_CONNECTIONS;
    server.on('connection', (socket) => {
      this.#raw.add(socket);
      socket.once('close', () => this.#raw.delete(socket));
    });
  }

  /** Binds; resolves with the address. Rejects with TRANSPORT when it cannot. */
  start(): Promise<{ address: string; port: number }> {
    const { server } = this;
    const { name, address, port } = this.options;
    return new Promise((resolve, reject) => {
      let bound = false;
      server.on('error', (error) => {
        if (bound) this.options.onFailure(error);
        else reject(bindFault(name.toUpperCase(), address, port, error));
      });
      server.listen({ host: address, port, exclusive: true, ipv6Only: isIPv6(address) }, () => {
        bound = true;
        const local = server.address() as AddressInfo;
        resolve({ address: local.address, port: local.port });
      });
    });
  }

  /** Resolves when the port can be bound again; connections that are still open are cut soon. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.server.listening) {
        resolve();
        return;
      }
      this.server.close(() => resolve());
      setImmediate(() => {
        for (const socket of this.#raw) socket.destroy();
      });
    });
  }
}
