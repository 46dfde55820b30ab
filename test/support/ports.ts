import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Lanes of tests that run side by side, and which of them this is: who starts them says so in these variables. */
const LANES = Number(process.env.SIPFLOW_TEST_LANES ?? 2);
const LANE = Number(process.env.SIPFLOW_TEST_LANE ?? 0);

/** Wildcard address: a listener at any address occupies the port. */
const ANYWHERE = '0.0.0.0';

/** Ports of one kind, and how many of them each lane has. */
interface Kind {
  first: number;
  perLane: number;
}

/*
 * All of it lies below the range from which a system takes the ports of outgoing sockets, so that nothing takes a
 * port between the look at it and the moment when its peer opens it. Neither browsers nor `fetch` refuse those for
 * signalling, where a test may also have an HTTP server; and SIPp takes one from 8888 on for its remote control.
 */
const SIGNALLING: Kind = { first: 7000, perLane: Math.floor(1800 / LANES) };
const OWN_MEDIA: Kind = { first: 10000, perLane: Math.floor(10000 / LANES) };
const MEDIA: Kind = { first: 20000, perLane: Math.floor(12000 / LANES) };

/** Up to where each kind is taken. Two runs by hand at the same time begin at different places. */
const taken = new Map([SIGNALLING, MEDIA].map((kind) => [kind, (process.pid * 64) % kind.perLane]));

/** RTP ports of our own phones, which the peers of this lane and those of the other do not use. */
export const OWN_RTP_PORTS = {
  rtpPortMin: String(firstOf(OWN_MEDIA)),
  rtpPortMax: String(firstOf(OWN_MEDIA) + OWN_MEDIA.perLane - 1),
};

/**
 * A port on which nothing listens, neither by UDP nor by TCP, and which nobody else gets.
 *
 * @param size how many, when the next ones above it have to be free as well
 */
export function freePort(size = 1): Promise<number> {
  return take(SIGNALLING, size);
}

/** The first of `size` neighbouring ports for a peer's RTP; it is even. */
export function freeRange(size: number): Promise<number> {
  return take(MEDIA, size + (size % 2));
}

async function take(kind: Kind, size: number): Promise<number> {
  for (let looked = 0; looked < kind.perLane; looked += size) {
    const before = taken.get(kind) ?? 0;
    const begin = before + size > kind.perLane ? 0 : before;
    taken.set(kind, begin + size);
    const first = firstOf(kind) + begin;
    const ports = Array.from({ length: size }, (_, n) => first + n);
    const free = await Promise.all(ports.map(async (port) => (await udpIsFree(port)) && tcpIsFree(port)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${size} neighbouring ports are free from ${firstOf(kind)}`);
}

function firstOf({ first, perLane }: Kind): number {
  return first + LANE * perLane;
}

async function tcpIsFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, ANYWHERE);
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

async function udpIsFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    const listening = once(socket, 'listening');
    socket.bind(port, ANYWHERE);
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
