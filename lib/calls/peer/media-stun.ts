import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { type Clock, SipflowError } from '../../common';
import type { PortMappingResult, StunDestination } from '../../media';
import { parseStunServer, type StunServer } from '../../stun';

/** After a failure calls name their local ports for so long, so that a dead server delays one call and not each. */
const REST_MS = 60_000;
/** How long an address of the server is used before its name is looked up again. */
const ADDRESS_LIFETIME_MS = 300_000;

/**
 * The STUN server of a phone, for the RTP sockets of its calls. A NAT maps each socket to a port of its own, so the
 * mapping of the SIP socket does not help, and each pair sends its own requests.
 */
export class MediaStun {
  readonly #server: StunServer;
  readonly #family: 4 | 6;
  #known: { destination: StunDestination; until: number } | undefined;
  #restUntil = -Infinity;
  #warned = false;

  /**
   * @param bindAddress whose family the RTP sockets have
   * @param warn hears of a failure once, until the server has answered again
   * @throws SipflowError BAD_CONFIG for a STUN server that is none
   */
  constructor(
    server: string,
    bindAddress: string,
    private readonly clock: Clock,
    private readonly warn: (problem: SipflowError) => void,
  ) {
    this.#server = parseStunServer(server);
    this.#family = isIPv6(bindAddress) ? 6 : 4;
  }

  /** Address of the server; undefined while it is not to be asked. Never rejects. */
  async destination(): Promise<StunDestination | undefined> {
    const now = this.clock.now();
    if (now < this.#restUntil) return undefined;
    if (this.#known && now < this.#known.until) return this.#known.destination;
    const { host, port } = this.#server;
    try {
      const { address } = await lookup(host, { family: this.#family });
      const destination = { address, port, name: host };
      this.#known = { destination, until: now + ADDRESS_LIFETIME_MS };
      return destination;
    } catch (cause) {
      this.#failed(
        new SipflowError('DNS', `The STUN server ${host} was not found: check its name, and the DNS.`, {
          cause,
        }),
      );
      return undefined;
    }
  }

  /** Takes the result of a request to the server. */
  answered(result: PortMappingResult): void {
    if (result.kind === 'failed') {
      this.#failed(new SipflowError(result.failure.code, result.failure.message));
    } else {
      this.#warned = false;
    }
  }

  /** Asks no more for a while, without a warning: another user of the server has reported the failure. */
  rest(): void {
    this.#warned = true;
    this.#restUntil = this.clock.now() + REST_MS;
  }

  #failed(problem: SipflowError): void {
    if (!this.#warned) this.warn(problem);
    this.rest();
  }
}
