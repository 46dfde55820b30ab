import { createSocket } from 'node:dgram';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

/** Interfaces come and go; reading them for every message would cost more than writing it. */
const CACHE_MS = 5_000;
/** Peers whose network is remembered until the interfaces are read again. */
const MAX_KNOWN_PEERS = 256;
/** Addresses for documentation (RFC 5737, RFC 3849): nothing is sent to them. */
const OUTSIDE = { udp4: '192.0.2.1', udp6: '2001:db8::1' } as const;

interface Link {
  address: string;
  internal: boolean;
  prefix: number;
  net: BlockList;
}

/**
 * Which of this machine’s addresses a peer sees: the one on the peer’s own network, else the one of the route to
 * the outside.
 */
export class LocalAddresses {
  readonly #family: 'ipv4' | 'ipv6';
  #outside: string | undefined;
  #links: Link[] = [];
  #readAt = -Infinity;
  /** Looking through the networks takes longer than all the rest of an answer's address. */
  readonly #known = new Map<string, Link | undefined>();

  /** @param bound the address that the endpoint listens on; its family counts */
  constructor(bound: string) {
    this.#family = isIPv6(bound) ? 'ipv6' : 'ipv4';
  }

  /** Asks the system which address its route to the outside uses. Sends nothing, never rejects. */
  async findRoute(): Promise<void> {
    const type = this.#family === 'ipv6' ? 'udp6' : 'udp4';
    this.#outside = await new Promise<string | undefined>((resolve) => {
      const socket = createSocket(type);
      const finish = (address: string | undefined): void => {
        socket.close(() => resolve(address));
      };
      socket.on('error', () => finish(undefined));
      socket.on('connect', () => finish(socket.address().address));
      socket.connect(9, OUTSIDE[type]);
    });
  }

  /**
   * Our address as that peer should see it.
   *
   * @param peer its address; a name, or undefined, stands for a peer outside our networks
   */
  toward(peer: string | undefined): string {
    const link = this.#linkOf(peer);
    if (link) return link.address;
    if (this.#outside !== undefined) return this.#outside;
    const usable = this.#read().find(({ internal, address }) => !internal && !address.startsWith('fe80:'));
    return usable?.address ?? (this.#family === 'ipv6' ? '::1' : '127.0.0.1');
  }

  /** Whether a peer is on one of our own networks, so that no NAT lies between us. */
  isNear(peer: string | undefined): boolean {
    return this.#linkOf(peer) !== undefined;
  }

  #linkOf(peer: string | undefined): Link | undefined {
    if (peer === undefined) return undefined;
    const links = this.#read();
    const known = this.#known.get(peer);
    if (known || this.#known.has(peer)) return known;
    const link = isIP(peer) === 0 ? undefined : links.find(({ net }) => net.check(peer, this.#family));
    if (this.#known.size >= MAX_KNOWN_PEERS) this.#known.clear();
    this.#known.set(peer, link);
    return link;
  }

  /** Longest prefix first. */
  #read(): Link[] {
    const now = performance.now();
    if (now - this.#readAt < CACHE_MS) return this.#links;
    this.#readAt = now;
    this.#known.clear();
    this.#links = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, cidr }) => family.toLowerCase() === this.#family && cidr !== null)
      .map((each) => this.#link(each))
      .sort((a, b) => b.prefix - a.prefix);
    return this.#links;
  }

  #link({ address, cidr, internal }: NetworkInterfaceInfo): Link {
    const net = new BlockList();
    const prefix = Number(cidr?.split('/')[1]);
    net.addSubnet(address, prefix, this.#family);
    return { address, internal, prefix, net };
  }
}
