import { type Clock, SipflowError } from '../../common';
import { AddressMonitor, nameOfServer, parseStunServer } from '../../stun';
import type { LocalIdentity } from '../transport/identity';
import type { Peer } from '../transport/transport';
import { DEFAULT_TRANSPORT } from '../transport/kinds';

/** The first REGISTER should carry the public address, but a dead STUN server must not keep us from starting. */
const START_PATIENCE_MS = 3_000;
/** Gives up after about 8 s (RFC 8489, 6.2.1, with fewer and faster requests). */
const RTO_MS = 250;
const MAX_REQUESTS = 5;

export interface PublicAddressOptions {
  clock: Clock;
  identity: LocalIdentity;
  /** `host` or `host:port`; absent: only registrars tell our address. */
  stunServer: string | undefined;
  /** Sends from the socket that SIP is received on. */
  send(bytes: Buffer, destination: Peer): Promise<void>;
  /** Our address has changed. */
  onChanged(): void;
  onWarning(problem: SipflowError): void;
}

/**
 * Finds out under which address a UDP endpoint is seen from outside: by STUN, or by what a registrar says of our
 * REGISTER (RFC 3581). What STUN says comes first, because every peer outside sees the same; an advertised address
 * makes both needless.
 */
export class PublicAddress {
  readonly #monitor: AddressMonitor | undefined;
  readonly #server: Peer | undefined;
  #known = false;
  #warned = false;
  #firstResult: () => void = () => undefined;

  /** @throws SipflowError BAD_CONFIG for a STUN server that is none */
  constructor(private readonly options: PublicAddressOptions) {
    const { clock, stunServer, identity } = options;
    if (!stunServer) return;
    const { host, port } = parseStunServer(stunServer);
    const server: Peer = { transport: DEFAULT_TRANSPORT, address: host, port };
    this.#server = server;
    this.#monitor = new AddressMonitor({
      clock,
      server: nameOfServer({ host, port }),
      rtoMs: RTO_MS,
      maxRequests: MAX_REQUESTS,
      send: (bytes) => {
        // What cannot be sent counts as lost.
        options.send(bytes, server).catch(() => undefined);
      },
      onAddress: ({ address, port }) => {
        this.#known = true;
        this.#warned = false;
        if (identity.learn(address, port, server.address)) options.onChanged();
        this.#firstResult();
      },
      onFailure: ({ error }) => {
        if (!this.#warned) options.onWarning(error);
        this.#warned = true;
        this.#firstResult();
      },
    });
  }

  /** Resolves when the address is known, or when waiting for it any longer would not help. */
  async start(): Promise<void> {
    const monitor = this.#monitor;
    if (!monitor) return;
    const { clock } = this.options;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, START_PATIENCE_MS);
      const known = (): void => {
        clock.clearTimeout(timer);
        resolve();
      };
      this.#firstResult = known;
      monitor.start();
    });
  }

  /** A STUN message has arrived on the SIP socket. We are no STUN server: what is not the answer to ours is dropped. */
  receive(bytes: Buffer): void {
    this.#monitor?.receive(bytes);
  }

  /** A registrar has told where our REGISTER came from. */
  seenAs(address: string, port: number, registrar: string): void {
    if (this.#known || this.#server) return;
    if (this.options.identity.learn(address, port, registrar)) this.options.onChanged();
  }

  close(): void {
    this.#monitor?.close();
    this.#firstResult();
  }
}
