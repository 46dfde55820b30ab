import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** Where the far hosts really are. */
export const OUTSIDE = '127.0.0.2';
/** Under which address the hosts behind the NAT are seen outside. */
export const PUBLIC = '127.0.0.8';
/** Under which address the hosts behind the NAT see the far hosts: the only way to them leads through the NAT. */
export const FAR = '127.0.0.9';

/**
 * A restricted-cone NAT for UDP that never looks into what it carries: each socket behind it gets an outside port of
 * its own, nothing comes in before something has gone out, and private addresses lead nowhere.
 */
export class Nat {
  /** Sockets that stand for far hosts, by port. */
  readonly #far = new Map<number, Socket>();
  readonly #mappings = new Map<string, Promise<Socket>>();

  /** @param ports of the far host that can be reached */
  static async open(ports: readonly number[]): Promise<Nat> {
    const nat = new Nat();
    for (const port of ports) nat.#far.set(port, await bound(FAR, port));
    for (const [port, socket] of nat.#far) {
      socket.on('message', (bytes, { address, port: source }) => {
        void nat.#mapping(address, source).then((outer) => outer.send(bytes, port, OUTSIDE));
      });
    }
    return nat;
  }

  /** The outside port of a socket behind the NAT. */
  async outsidePort(address: string, port: number): Promise<number> {
    return (await this.#mapping(address, port)).address().port;
  }

  async close(): Promise<void> {
    const outer = await Promise.all(this.#mappings.values());
    await Promise.all(
      [...this.#far.values(), ...outer].map(async (socket) => {
        const closed = once(socket, 'close');
        socket.close();
        await closed;
      }),
    );
  }

  #mapping(address: string, port: number): Promise<Socket> {
    const key = `${address} ${port}`;
    let mapping = this.#mappings.get(key);
    if (!mapping) this.#mappings.set(key, (mapping = this.#map(address, port)));
    return mapping;
  }

  async #map(address: string, port: number): Promise<Socket> {
    const outer = await bound(PUBLIC, 0);
    outer.on('message', (bytes, remote) => {
      if (remote.address === OUTSIDE) this.#far.get(remote.port)?.send(bytes, port, address);
    });
    return outer;
  }
}

async function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

/** A UDP port of the far host that is free there and on the way to it. */
export async function freeFarPort(): Promise<number> {
  const socket = await bound(OUTSIDE, 0);
  const { port } = socket.address();
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  return port;
}
