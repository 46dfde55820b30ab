import { createSocket, type Socket } from 'node:dgram';
import { isIPv4, isIPv6 } from 'node:net';
import { LAST_STUN_BYTE } from '../../stun';
import type { PortMappingResult, StunDestination } from '../types';
import { PortMapping } from './port-mapping';

/** Packets that are kept between bind and open: one second of 20 ms audio, so nothing of the start is lost. */
export const MAX_EARLY_PACKETS = 50;

/** Gets a packet and the address that it came from, in the form that `wireAddress` gives. Must not throw. */
export type PacketHandler = (packet: Buffer, address: string, port: number, arrival: number) => void;

interface EarlyPacket {
  packet: Buffer;
  address: string;
  port: number;
  arrival: number;
}

/**
 * A bound pair of sockets: RTP on the even port, RTCP on the odd one. Until it is opened it keeps what
 * arrives, at most 50 packets. Socket errors are ignored like packet loss; the RTP timeout detects a peer that is gone.
 */
export class BoundPort {
  readonly #early: EarlyPacket[] = [];
  #onRtp: PacketHandler | undefined;
  #onRtcp: PacketHandler | undefined;
  /** The part of a buffer that was sent last: given offset and length, dgram would make a view for each packet. */
  #lastPacket: Uint8Array = new Uint8Array(0);
  #lastView = this.#lastPacket;
  #mapping: PortMapping | undefined;

  private constructor(
    readonly address: string,
    readonly rtpPort: number,
    private readonly rtp: Socket,
    private readonly rtcp: Socket,
  ) {
    for (const socket of [rtp, rtcp]) socket.on('error', () => undefined);
    rtp.on('message', (packet, from) => {
      const now = performance.now();
      if (packet[0] <= LAST_STUN_BYTE && this.#mapping?.receiveRtp(packet)) return;
      if (this.#onRtp) this.#onRtp(packet, from.address, from.port, now);
      else if (this.#early.length < MAX_EARLY_PACKETS) {
        this.#early.push({ packet, address: from.address, port: from.port, arrival: now });
      }
    });
    rtcp.on('message', (packet, from) => {
      if (packet[0] <= LAST_STUN_BYTE && this.#mapping?.receiveRtcp(packet)) return;
      this.#onRtcp?.(packet, from.address, from.port, performance.now());
    });
  }

  /**
   * Binds both ports; both or none. Rejects with the system's error, of which EADDRINUSE only means that
   * another pair has to be tried.
   */
  static async bind(address: string, rtpPort: number): Promise<BoundPort> {
    const rtp = await bindSocket(address, rtpPort);
    try {
      return new BoundPort(address, rtpPort, rtp, await bindSocket(address, rtpPort + 1));
    } catch (error) {
      await closeSocket(rtp);
      throw error;
    }
  }

  /**
   * The one spelling of an address that this pair sends to and sees packets come from: IPv6 in its canonical
   * form, and on an IPv6 socket IPv4 as a mapped address.
   */
  wireAddress(address: string): string {
    if (isIPv6(address)) return canonicalIPv6(address);
    return isIPv6(this.address) && isIPv4(address) ? `::ffff:${address}` : address;
  }

  /** Asks the STUN server for the pair's public address. Resolves after two seconds at the latest, never rejects. */
  learnMapping(server: StunDestination): Promise<PortMappingResult> {
    const address = this.wireAddress(server.address);
    this.#mapping = new PortMapping(server, [
      (bytes) => this.rtp.send(bytes, server.port, address),
      (bytes) => this.rtcp.send(bytes, server.port, address),
    ]);
    return this.#mapping.ask();
  }

  /** Hands over the early packets, then all further ones. */
  open(onRtp: PacketHandler, onRtcp: PacketHandler): void {
    this.#onRtp = onRtp;
    this.#onRtcp = onRtcp;
    for (const { packet, address, port, arrival } of this.#early.splice(0)) {
      onRtp(packet, address, port, arrival);
    }
  }

  /** Sends at once, nothing for an invalid port; the buffer may be used again when this returns. */
  sendRtp(packet: Uint8Array, length: number, port: number, address: string): void {
    if (!isPort(port)) return;
    if (packet !== this.#lastPacket || length !== this.#lastView.length) {
      this.#lastPacket = packet;
      this.#lastView = packet.subarray(0, length);
    }
    this.rtp.send(this.#lastView, port, address);
  }

  sendRtcp(packet: Uint8Array, port: number, address: string): void {
    if (!isPort(port)) return;
    this.rtcp.send(packet, 0, packet.length, port, address);
  }

  async close(): Promise<void> {
    this.#onRtp = undefined;
    this.#onRtcp = undefined;
    this.#early.length = 0;
    this.#mapping?.close();
    await Promise.all([closeSocket(this.rtp), closeSocket(this.rtcp)]);
  }
}

/** Anything else makes dgram throw. */
function isPort(port: number): boolean {
  return port > 0 && port <= 65535;
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

function canonicalIPv6(address: string): string {
  const mapped = /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address);
  // A zone (`%eth0`) is not part of a URL; an address with one is spelled by the system already.
  if (mapped || address.includes('%')) return address.toLowerCase();
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
