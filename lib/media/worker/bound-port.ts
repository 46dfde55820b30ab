import { isIPv4, isIPv6 } from 'node:net';
import { LAST_STUN_BYTE } from '../../stun';
import type { PortMappingResult, StunDestination } from '../types';
import type { DatagramDriver, DatagramSocket } from './datagrams';
import { PortMapping } from './port-mapping';

/** Packets that are kept between bind and open: one second of 20 ms audio, so nothing of the start is lost. */
export const MAX_EARLY_PACKETS = 50;

/**
 * Gets a packet and the address that it came from, in the form that `wireAddress` gives. The bytes are valid until it
 * returns. Must not throw.
 */
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
  #mapping: PortMapping | undefined;

  private constructor(
    readonly address: string,
    readonly rtpPort: number,
    private readonly rtp: DatagramSocket,
    private readonly rtcp: DatagramSocket,
  ) {
    rtp.receive((packet, from, port) => {
      const now = performance.now();
      if (packet[0] <= LAST_STUN_BYTE && this.#mapping?.receiveRtp(packet)) return;
      if (this.#onRtp) this.#onRtp(packet, from, port, now);
      else if (this.#early.length < MAX_EARLY_PACKETS) {
        this.#early.push({ packet: Buffer.from(packet), address: from, port, arrival: now });
      }
    });
    rtcp.receive((packet, from, port) => {
      if (packet[0] <= LAST_STUN_BYTE && this.#mapping?.receiveRtcp(packet)) return;
      this.#onRtcp?.(packet, from, port, performance.now());
    });
  }

  /**
   * Binds both ports; both or none. Rejects with the system's error, of which EADDRINUSE only means that
   * another pair has to be tried.
   */
  static async bind(address: string, rtpPort: number, driver: DatagramDriver): Promise<BoundPort> {
    const rtp = await driver.bind(address, rtpPort);
    try {
      return new BoundPort(address, rtpPort, rtp, await driver.bind(address, rtpPort + 1));
    } catch (error) {
      await rtp.close();
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
      (bytes) => this.rtp.send(bytes, bytes.length, server.port, address),
      (bytes) => this.rtcp.send(bytes, bytes.length, server.port, address),
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

  /** Sends at once, nothing for an invalid port. Returns whether the buffer may be used again. */
  sendRtp(packet: Uint8Array, length: number, port: number, address: string): boolean {
    return !isPort(port) || this.rtp.send(packet, length, port, address);
  }

  sendRtcp(packet: Uint8Array, port: number, address: string): void {
    if (isPort(port)) this.rtcp.send(packet, packet.length, port, address);
  }

  async close(): Promise<void> {
    this.#onRtp = undefined;
    this.#onRtcp = undefined;
    this.#early.length = 0;
    this.#mapping?.close();
    await Promise.all([this.rtp.close(), this.rtcp.close()]);
  }
}

/** Nobody listens at port 0, although a datagram may claim to come from there. */
function isPort(port: number): boolean {
  return port > 0 && port <= 65535;
}

function canonicalIPv6(address: string): string {
  const mapped = /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address);
  // A zone (`%eth0`) is not part of a URL; an address with one is spelled by the system already.
  if (mapped || address.includes('%')) return address.toLowerCase();
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
