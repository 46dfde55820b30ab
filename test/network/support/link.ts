import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a link does to packets, each way. */
export interface Impairment {
  delayMs?: number;
  /** Each packet waits this much more or less at most, uniformly. */
  jitterMs?: number;
  lossPercent?: number;
  /** Packets that get lost in one go; 1 when absent. */
  lossBurst?: number;
  repeatPercent?: number;
  reorderPercent?: number;
}

/** What a link really did to one RTP stream. */
export interface StreamReport {
  offered: number;
  /** Of those between the first and the last that arrived. */
  lost: number;
  repeated: number;
  overtaken: number;
  /** Mean time that packets spent in the link. */
  delayMs: number;
}

export interface DirectionReport {
  packets: number;
  lost: number;
  /** How much later than it should a packet left it at most, because the machine was busy. */
  lagMs: number;
  /** By SSRC, in decimal. */
  rtp: Record<string, StreamReport>;
}

export interface LinkReport {
  /** From the first end to the second, and back. */
  directions: [DirectionReport, DirectionReport];
  nat?: { mappings: number; refused: number };
}

export interface LinkEnd {
  namespace: string;
  address: string;
}

/** Two network namespaces and the link between them (`link.py`), which are gone when it is closed. */
export class Link {
  readonly #lines: AsyncIterator<string>;
  readonly #exited: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    readonly ends: [LinkEnd, LinkEnd],
  ) {
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    this.#exited = once(child, 'exit');
  }

  /** @param nat public address of a symmetric NAT in front of the first end; then that end's address is private */
  static async open(impairment: Impairment, nat?: string): Promise<Link> {
    const addresses = nat ? ['192.168.77.2', '203.0.113.2'] : ['192.0.2.1', '192.0.2.2'];
    const [a, b] = addresses.map((address, n) => ({ address, namespace: `sipflow${process.pid}${'ab'[n]}` }));
    const namespaces = [a.namespace, b.namespace];
    const settings = { ...impairment, namespaces, addresses, nat, seed: 14 };
    const child = spawn('python3', [join(__dirname, '..', 'link.py'), JSON.stringify(settings)]);
    child.stderr.pipe(process.stderr);
    const link = new Link(child, [a, b]);
    const { value } = (await link.#lines.next()) as IteratorResult<string, undefined>;
    if (value !== 'ready') throw new Error('The link between the namespaces could not be made.');
    return link;
  }

  /**
   * Takes the link down and tells what it did; nothing when it was down already.
   *
   * @param listenedUntil when each end stopped listening to RTP, in milliseconds since the epoch; what came later is
   *   not told of then
   */
  async close(listenedUntil?: [number, number]): Promise<LinkReport | undefined> {
    this.child.stdin.end(listenedUntil && JSON.stringify(listenedUntil));
    const { value } = (await this.#lines.next()) as IteratorResult<string, undefined>;
    await this.#exited;
    return value === undefined ? undefined : (JSON.parse(value) as LinkReport);
  }
}
