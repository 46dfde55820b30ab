import { type Clock, SipflowError, toSipflowError } from '../../common';
import type { EndpointOptions, TransportName } from '../types';
import { createTransport } from './create';
import { TRANSPORTS } from './kinds';
import { StreamTransport } from './stream-transport';
import { TCP_SOCKETS } from './tcp-sockets';
import type { Peer, Sent, Transport, TransportHandlers } from './transport';

/** Sees every message that goes out or comes in. */
export type MessageTracer = (seen: {
  direction: 'in' | 'out';
  peer: Peer;
  local: { address: string; port: number };
  bytes: Buffer;
  /** Undefined when it is not known. */
  callId: string | undefined;
}) => void;

/** RFC 3261, 18.1.1: a larger request wants a transport with congestion control, if the peer has one. */
const MAX_DATAGRAM_REQUEST_BYTES = 1300;
/** Payload of one datagram over IPv4, at most (65,535 less the headers of IP and UDP). */
const LARGEST_DATAGRAM_BYTES = 65_507;
/** Peers remembered as taking no connections, so that no later call waits for one again. */
const MAX_REFUSERS = 1000;

/** Ports that are tried until one is free over UDP and TCP alike. */
const PAIR_ATTEMPTS = 20;

export interface ManagerHandlers extends TransportHandlers {
  /** Something does not work as configured, but messages go on. */
  onWarning(problem: Error): void;
}

/** Time-out of a connection tried for a large request; short, because a datagram can carry it instead. */
const OPTIONAL_CONNECT_TIMEOUT_MS = 1_000;

/**
 * The sockets of one endpoint. An endpoint on UDP tries a connection for requests that are too large for a datagram,
 * and takes connections at the port of the same number when it shall (RFC 3261, 18.2.1).
 */
export class TransportManager {
  readonly #main: Transport;
  readonly #tcp: StreamTransport | undefined;
  readonly #refusers = new Set<string>();
  #listensTcp = false;

  /** @throws SipflowError TLS for keys and certificates that cannot be used */
  constructor(
    private readonly options: EndpointOptions,
    private readonly given: ManagerHandlers,
    clock: Clock,
    private readonly trace?: MessageTracer,
  ) {
    this.#main = createTransport(options, given, clock);
    if (TRANSPORTS[options.transport].beside !== undefined) {
      const { bindAddress } = options;
      this.#tcp = new StreamTransport(
        TCP_SOCKETS,
        bindAddress,
        0,
        // Calls over UDP go on without it.
        { ...given, onFailure: (error) => given.onWarning(error) },
        OPTIONAL_CONNECT_TIMEOUT_MS,
        clock,
      );
    }
  }

  get local(): { address: string; port: number } {
    return this.#main.local;
  }

  /** Transport of everything whose URI names no other. */
  get name(): TransportName {
    return this.#main.name;
  }

  get reliable(): boolean {
    return this.#main.reliable;
  }

  /** Whether an endpoint on UDP takes connections too. */
  get listensTcp(): boolean {
    return this.#listensTcp;
  }

  async start(): Promise<void> {
    await this.#main.start();
    if (this.#tcp && this.options.listenTcp) await this.#listenBeside(this.#tcp);
    else this.#tcp?.startClientOnly();
  }

  /** A port that is taken is a warning; a port that we may choose is chosen again until both are free. */
  async #listenBeside(tcp: StreamTransport): Promise<void> {
    for (let attempt = 1; !this.#listensTcp; attempt++) {
      try {
        await tcp.start(this.local.port);
        this.#listensTcp = true;
      } catch (error) {
        if (this.options.port !== 0 || attempt === PAIR_ATTEMPTS) {
          this.given.onWarning(error as SipflowError);
          tcp.startClientOnly();
          return;
        }
        await this.#main.close();
        await this.#main.start();
      }
    }
  }

  /** Whether what is sent there arrives without our repeating it. */
  reliableTo(destination: Peer): boolean {
    return this.#find(destination.transport)?.reliable ?? this.#main.reliable;
  }

  /** Sends over the destination's transport. Rejects with TRANSPORT. */
  send(bytes: Buffer, destination: Peer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.post(bytes, destination, (fault) => (fault ? reject(fault) : resolve()));
    });
  }

  /**
   * The same without a promise; `sent` is never called before this function has returned.
   *
   * @param callId of the message, for the trace
   */
  post(bytes: Buffer, destination: Peer, sent: Sent, callId?: string): void {
    const transport = this.#find(destination.transport);
    if (!transport) {
      queueMicrotask(() => sent(this.#unknown(destination)));
      return;
    }
    this.trace?.({ direction: 'out', peer: destination, local: this.local, bytes, callId });
    if (transport.post) transport.post(bytes, destination, sent);
    else {
      transport.send(bytes, destination).then(
        () => sent(),
        (error: unknown) => sent(toSipflowError(error, 'TRANSPORT')),
      );
    }
  }

  #unknown(destination: Peer): SipflowError {
    const name = destination.transport.toUpperCase();
    return new SipflowError(
      'TRANSPORT',
      `Cannot send by ${name}: this phone uses ${this.name.toUpperCase()}. Change its transport.`,
    );
  }

  /** Traces a message that has come in, once it is known which call it belongs to. */
  received(bytes: Buffer, peer: Peer, callId: string | undefined): void {
    this.trace?.({ direction: 'in', peer, local: this.local, bytes, callId });
  }

  /** Whether a message goes there without a new connection. */
  isOpen(peer: Peer): boolean {
    return this.#find(peer.transport)?.isOpen(peer) ?? false;
  }

  /** Keeps a NAT or firewall open towards that peer, and finds out whether its connection lives (RFC 5626, 3.5.1). */
  keepAlive(destination: Peer): void {
    this.#find(destination.transport)?.ping(destination);
  }

  /** That peer has said that it answers pings. */
  expectPongs(peer: Peer): void {
    this.#find(peer.transport)?.expectPongs(peer);
  }

  /** Cuts the connection to that peer, which does not answer any more; the next message opens another. */
  drop(peer: Peer): void {
    this.#find(peer.transport)?.drop(peer);
  }

  /** Whether a request of that size should try a connection instead of a datagram. */
  wantsConnection(size: number, destination: Peer): boolean {
    return (
      this.#tcp !== undefined &&
      destination.transport === this.#main.name &&
      size > MAX_DATAGRAM_REQUEST_BYTES &&
      (this.exceedsDatagram(size, destination) || !this.#refusers.has(keyOf(destination)))
    );
  }

  /** Whether no datagram can carry a message of that size, so that a connection is the only way. */
  exceedsDatagram(size: number, { transport }: Peer): boolean {
    return !TRANSPORTS[transport].reliable && size > LARGEST_DATAGRAM_BYTES;
  }

  /** The peer takes no connections. */
  noteRefusal(destination: Peer): void {
    if (this.#refusers.size >= MAX_REFUSERS) this.#refusers.clear();
    this.#refusers.add(keyOf(destination));
  }

  async close(): Promise<void> {
    await Promise.all([this.#main.close(), this.#tcp?.close()]);
  }

  #find(name: TransportName): Transport | undefined {
    if (name === this.#main.name) return this.#main;
    return name === this.#tcp?.name ? this.#tcp : undefined;
  }
}

function keyOf({ address, port }: Peer): string {
  return `${address} ${port}`;
}
