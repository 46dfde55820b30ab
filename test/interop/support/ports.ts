import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const ATTEMPTS = 50;

/** A port on which nothing listens on 127.0.0.1, neither by UDP nor by TCP. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await tcpPort(0);
    if (port !== undefined && (await udpIsFree(port))) return port;
  }
  throw new Error('no port is free for both UDP and TCP');
}

/**
 * The first of `size` neighbouring ports for a peer's RTP. They lie below the range from which the system takes
 * the ports of outgoing sockets, and above the one that our own phones use by default.
 */
export async function freeRange(size: number): Promise<number> {
  const lowest = 20000;
  const highest = 32000 - size;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = lowest + 2 * Math.floor((Math.random() * (highest - lowest)) / 2);
    const probes = [first, first + 1, first + Math.floor(size / 2), first + size - 1];
    if ((await Promise.all(probes.map(udpIsFree))).every(Boolean)) return first;
  }
  throw new Error(`no ${size} neighbouring ports are free`);
}

async function tcpPort(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : undefined;
}

async function udpIsFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    const listening = once(socket, 'listening');
    socket.bind(port, '127.0.0.1');
    await listening;
    return true;
  } catch {
    return false;
  } finally {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }
}
