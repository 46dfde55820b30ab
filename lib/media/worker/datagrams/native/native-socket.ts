import type { DatagramHandler, DatagramSocket } from '../driver';
import type { Backlog } from './backlog';
import { AF_INET, EAGAIN, EINVAL, MSG_DONTWAIT, MSG_NOSIGNAL, type Libc } from './libc';
import { fixedAddress, MESSAGE_BYTES, NAME_BYTES, type FixedAddress, type Memory } from './memory';
import type { SocketAddresses } from './socket-address';

/** Places in a socket's memory: the message that is sent, where to, and where the last datagram came from. */
const MESSAGE = 0;
const TO = MESSAGE_BYTES;
const FROM = TO + NAME_BYTES;
/** Of a socket's memory, all that its packets touch: two lines of a usual cache. */
export const SOCKET_BYTES = FROM + NAME_BYTES;

/** Flags of all sends: what the socket has no room for goes to the backlog. */
const FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;

/** What the sockets of a driver share. */
export interface SocketServices {
  libc: Libc;
  addresses: SocketAddresses;
  backlog: Backlog;
}

/** A UDP socket of the system. What a packet needs lies prepared in its memory; only what has changed is written. */
export class NativeSocket implements DatagramSocket {
  /** Its packets in the backlog, which those that follow must not overtake. */
  waiting = 0;
  #descriptor: number;
  #handler: DatagramHandler | undefined;
  readonly #header: FixedAddress;
  /** Referenced, so that its bytes stay where the system has been told that they are. */
  #packet: Uint8Array | undefined;
  #length = -1;
  #toPort = 0;
  #toAddress = '';
  #fromPort = 0;
  #fromAddress = '';

  /**
   * @param memory its `SOCKET_BYTES` begin at `at`
   * @param family AF_INET or AF_INET6
   * @param onClose closes the descriptor
   */
  constructor(
    descriptor: number,
    private readonly family: number,
    private readonly memory: Memory,
    private readonly at: number,
    private readonly services: SocketServices,
    private readonly onClose: (socket: NativeSocket) => void,
  ) {
    this.#descriptor = descriptor;
    memory.bytes.fill(0, at, at + SOCKET_BYTES);
    memory.message(at + MESSAGE, at + TO);
    this.#header = fixedAddress(memory.address(at + MESSAGE));
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  receive(handler: DatagramHandler): void {
    this.#handler = handler;
  }

  send(packet: Uint8Array, length: number, port: number, address: string): boolean {
    const errno = this.waiting > 0 ? EAGAIN : this.transmit(packet, length, port, address);
    if (errno !== 0) this.services.backlog.refused(errno, this, packet, length, port, address);
    // What has to wait is copied.
    return true;
  }

  /** Hands a packet to the system; returns 0, or the number of the fault for which it was not taken. */
  transmit(packet: Uint8Array, length: number, port: number, address: string): number {
    if (packet !== this.#packet) this.#prepare(packet);
    if (length !== this.#length) {
      this.#length = length;
      this.memory.partLength(this.at, length);
    }
    if ((port !== this.#toPort || address !== this.#toAddress) && !this.#direct(address, port)) {
      return EINVAL;
    }
    const { libc } = this.services;
    return libc.sendmsg(this.#descriptor, this.#header[0], FLAGS) < 0 ? libc.errno() : 0;
  }

  /** A datagram arrived; `name` is the offset of its socket address in `memory`. */
  deliver(packet: Buffer, memory: Memory, name: number): void {
    if (!this.#isLastSource(memory, name)) this.#noteSource(memory, name);
    this.#handler?.(packet, this.#fromAddress, this.#fromPort);
  }

  async close(): Promise<void> {
    this.#handler = undefined;
    this.#packet = undefined;
    this.services.backlog.forget(this);
    this.onClose(this);
    // What is sent from now on must not reach whoever gets the number next.
    this.#descriptor = -1;
  }

  #prepare(packet: Uint8Array): void {
    this.#packet = packet;
    this.memory.partAddress(this.at, this.services.libc.addressOf(packet));
  }

  /** Sets the destination; false when no packet can go there. */
  #direct(address: string, port: number): boolean {
    const length = this.services.addresses.write(this.memory, this.at + TO, this.family, address, port);
    this.memory.nameLength(this.at, length);
    this.#toAddress = length > 0 ? address : '';
    this.#toPort = port;
    return length > 0;
  }

  /** The same words as those of the last datagram; of IPv4 two are its address and port. */
  #isLastSource({ words }: Memory, name: number): boolean {
    const last = (this.at + FROM) >> 2;
    const now = name >> 2;
    const mine = this.memory.words;
    if (words[now] !== mine[last] || words[now + 1] !== mine[last + 1]) return false;
    if (this.family === AF_INET) return true;
    for (let word = 2; word < NAME_BYTES >> 2; word++) {
      if (words[now + word] !== mine[last + word]) return false;
    }
    return true;
  }

  #noteSource(memory: Memory, name: number): void {
    this.memory.words.set(memory.words.subarray(name >> 2, (name + NAME_BYTES) >> 2), (this.at + FROM) >> 2);
    this.#fromAddress = this.services.addresses.readAddress(memory, name);
    this.#fromPort = this.services.addresses.readPort(memory, name);
  }
}
