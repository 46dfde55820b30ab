import { SipflowError } from '../../../lib/common';
import type { TransportName } from '../../../lib/sip';
import type { CreateTransport } from '../../../lib/sip/transport/create';
import type { TransportKind } from '../../../lib/sip/transport/kinds';
import type { Peer, Transport, TransportHandlers } from '../../../lib/sip/transport/transport';

/** A transport that exists in tests only: messages within the process, each at once and whole. */
export const BUS = 'bus' as TransportName;

export const busKind: TransportKind = {
  secure: false,
  reliable: true,
  flowOnly: false,
  defaultPort: 7060,
  uriName: 'bus',
};

const members = new Map<number, BusTransport>();

class BusTransport implements Transport {
  readonly name = BUS;
  readonly reliable = true;
  readonly local: { address: string; port: number };
  /** Messages that have left. */
  sent = 0;

  constructor(
    address: string,
    private readonly handlers: TransportHandlers,
  ) {
    this.local = { address, port: 7060 + members.size };
  }

  async start(): Promise<void> {
    members.set(this.local.port, this);
  }

  async send(bytes: Buffer, { port }: Peer): Promise<void> {
    const member = members.get(port);
    if (!member) throw new SipflowError('TRANSPORT', `Nobody is at place ${port} of the bus.`);
    this.sent += 1;
    setImmediate(() => member.handlers.onMessage(Buffer.from(bytes), { transport: BUS, ...this.local }));
  }

  isOpen(): boolean {
    return true;
  }

  ping(): void {
    // Within a process nothing is lost.
  }

  expectPongs(): void {
    // See `ping`.
  }

  drop(): void {
    // There is no connection.
  }

  async close(): Promise<void> {
    members.delete(this.local.port);
  }
}

export const createBus: CreateTransport = ({ bindAddress }, handlers) =>
  new BusTransport(bindAddress, handlers);

/** Number of messages sent over the bus by its present members. */
export function messagesOnBus(): number {
  return [...members.values()].reduce((sum, { sent }) => sum + sent, 0);
}
