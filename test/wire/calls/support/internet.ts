import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { answerBindingRequest } from '../../../../lib/stun';
import { pretendInterfaces } from './interfaces';

/** Two homes, each with a NAT of its own: where a phone is, and under which address it is seen. */
export const HOMES = [
  { inside: '127.0.0.11', outside: '127.0.0.21' },
  { inside: '127.0.0.12', outside: '127.0.0.22' },
] as const;
/** Where the STUN server is. */
const STUN = '127.0.0.9';

/** The outside port of one socket behind a NAT. */
class Mapping {
  /** Whom the socket has sent something to: nobody else gets through. */
  readonly permitted = new Set<string>();
  /** Whether the owner of the NAT lets everybody in here. */
  forwarded = false;
  /** Datagrams that got in. */
  delivered = 0;

  constructor(
    readonly outer: Socket,
    readonly insidePort: number,
    readonly insideAddress: string,
  ) {}

  get address(): string {
    return this.outer.address().address;
  }

  get port(): number {
    return this.outer.address().port;
  }

  get name(): string {
    return `${this.address}:${this.port}`;
  }
}

/**
 * Two port-restricted NATs (RFC 4787: endpoint-independent mapping, address and port-dependent filtering) with an
 * internet between them: every socket behind them gets another port outside, only those it has sent to may answer, and
 * what is sent to a private address leads nowhere. The STUN server tells the outside port of each socket.
 */
export class Internet {
  /** Answers of the STUN server to each request; 0 keeps it silent. Decided by the asking socket. */
  stunAnswers: (insidePort: number) => number = () => 1;
  /** Ports inside that have asked the STUN server, once for each request. */
  readonly asked: number[] = [];
  /** Datagrams that a NAT has not let in. */
  refused = 0;
  readonly #mappings = new Map<string, Promise<Mapping>>();
  readonly #endPretence = pretendInterfaces(['127.0.0.1/32']);

  private constructor(private readonly stun: Socket) {
    stun.on('message', (bytes, { address, port }) => void this.#answer(bytes, address, port));
  }

  /** Opens both NATs and the STUN server; until `close` no address of this machine counts as near to another one. */
  static async open(): Promise<Internet> {
    return new Internet(await bound(STUN));
  }

  /** Setting of a phone that asks our STUN server. */
  get stunServer(): string {
    return `${STUN}:${this.stun.address().port}`;
  }

  /** The outside of a socket. */
  mapping(address: string, port: number): Promise<Mapping> {
    const key = `${address} ${port}`;
    let mapping = this.#mappings.get(key);
    if (!mapping) this.#mappings.set(key, (mapping = this.#map(address, port)));
    return mapping;
  }

  async close(): Promise<void> {
    this.#endPretence();
    const mappings = await Promise.all(this.#mappings.values());
    await Promise.all(
      [this.stun, ...mappings.map(({ outer }) => outer)].map(async (socket) => {
        const closed = once(socket, 'close');
        socket.close();
        await closed;
      }),
    );
  }

  async #answer(bytes: Buffer, address: string, port: number): Promise<void> {
    const mapping = await this.mapping(address, port);
    const answer = answerBindingRequest(bytes, mapping);
    if (!answer) return;
    this.asked.push(port);
    for (let left = this.stunAnswers(port); left > 0; left--) this.stun.send(answer, port, address);
  }

  async #map(address: string, port: number): Promise<Mapping> {
    const home = HOMES.find(({ inside }) => inside === address);
    if (!home) throw new Error(`${address} is behind no NAT`);
    const mapping = new Mapping(await bound(home.outside), port, address);
    mapping.outer.on('message', (bytes, from) => void this.#arrived(mapping, bytes, from));
    return mapping;
  }

  /** Something was sent to the outside of a socket: its sender is translated, then judged, then delivered. */
  async #arrived(
    to: Mapping,
    bytes: Buffer,
    { address, port }: { address: string; port: number },
  ): Promise<void> {
    const from = await this.mapping(address, port);
    from.permitted.add(to.name);
    if (!to.forwarded && !to.permitted.has(from.name)) {
      this.refused++;
      return;
    }
    to.delivered++;
    from.outer.send(bytes, to.insidePort, to.insideAddress);
  }
}

async function bound(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket;
}
