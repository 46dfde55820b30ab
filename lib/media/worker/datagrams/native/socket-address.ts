import { AF_INET, AF_INET6, type Libc } from './libc';
import { Memory } from './memory';

const IPV4_BYTES = 16;
const IPV6_BYTES = 28;
/** Room for an IPv6 address or the name of an interface. */
const TEXT_BYTES = 64;
/** Offsets in `struct sockaddr_in6`; those of `sockaddr_in` are the same up to the port. */
const PORT = 2;
const IPV4_ADDRESS = 4;
const IPV6_ADDRESS = 8;
const SCOPE = 24;

/** Writes and reads the system's form of an address and a port. */
export class SocketAddresses {
  readonly #text: Memory;

  constructor(private readonly libc: Libc) {
    this.#text = new Memory(libc, TEXT_BYTES);
  }

  /**
   * Writes a socket address; returns its length, or 0 when `address` is none of the family.
   *
   * @param family AF_INET or AF_INET6
   * @param address IPv6 possibly with a zone (`fe80::1%eth0`)
   * @param at offset in `memory`, a multiple of four
   */
  write(memory: Memory, at: number, family: number, address: string, port: number): number {
    const { bytes } = memory;
    const isIPv6 = family === AF_INET6;
    const length = isIPv6 ? IPV6_BYTES : IPV4_BYTES;
    const [plain, zone] = address.split('%');
    bytes.fill(0, at, at + length);
    bytes[at] = family;
    bytes[at + PORT] = port >> 8;
    bytes[at + PORT + 1] = port & 0xff;
    const place = memory.address(at + (isIPv6 ? IPV6_ADDRESS : IPV4_ADDRESS));
    if (this.libc.textToAddress(family, plain, place) !== 1) return 0;
    if (zone !== undefined) memory.words[(at + SCOPE) >> 2] = this.libc.indexOfInterface(zone);
    return length;
  }

  /** The address as `node:dgram` spells it, link-local ones of IPv6 with the name of their interface. */
  readAddress(memory: Memory, at: number): string {
    const { bytes, words } = memory;
    if (bytes[at] === AF_INET) return bytes.subarray(at + IPV4_ADDRESS, at + IPV4_ADDRESS + 4).join('.');
    this.libc.addressToText(AF_INET6, memory.address(at + IPV6_ADDRESS), this.#text.address(0), TEXT_BYTES);
    const text = this.#readText();
    const scope = words[(at + SCOPE) >> 2];
    const isLinkLocal = bytes[at + IPV6_ADDRESS] === 0xfe && (bytes[at + IPV6_ADDRESS + 1] & 0xc0) === 0x80;
    if (!isLinkLocal || scope === 0) return text;
    const isNamed = this.libc.nameOfInterface(scope, this.#text.address(0)) !== 0;
    return isNamed ? `${text}%${this.#readText()}` : text;
  }

  readPort({ bytes }: Memory, at: number): number {
    return (bytes[at + PORT] << 8) | bytes[at + PORT + 1];
  }

  #readText(): string {
    const { bytes } = this.#text;
    return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString('latin1');
  }
}
