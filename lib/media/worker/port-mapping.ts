import { randomBytes } from 'node:crypto';
import { type Clock, SipflowError, systemClock, type TimerHandle } from '../../common';
import {
  BindingClient,
  encodeBindingIndication,
  nameOfServer,
  type BindingResult,
  type MappedAddress,
} from '../../stun';
import type { PortMappingResult, StunDestination } from '../types';

/** Longest wait for the STUN server; after it the call goes on with its local ports. */
const PATIENCE_MS = 2000;
/** Time-out of the first request; further ones follow after 250, 750 and 1750 ms. */
const RTO_MS = 250;
const MAX_REQUESTS = 4;
/** Keep-alive interval: NAT bindings last 30 s or more (RFC 4787, 4.3: two minutes), less than a call may ring. */
const KEEP_OPEN_MS = 20_000;

/** Sends one datagram from the socket whose address is asked for. */
type Send = (bytes: Buffer) => void;

/**
 * Public address and ports of a pair of sockets, asked of a STUN server before they carry RTP, with keep-alives for the
 * NAT bindings afterwards. Each socket asks for itself, as a NAT gives each its own binding.
 */
export class PortMapping {
  readonly #clients: readonly [rtp: BindingClient, rtcp: BindingClient];
  readonly #results: (BindingResult | undefined)[] = [undefined, undefined];
  #patience: TimerHandle | undefined;
  #keepOpen: TimerHandle | undefined;
  #settle: ((result: PortMappingResult) => void) | undefined;

  constructor(
    private readonly server: StunDestination,
    private readonly sockets: readonly [rtp: Send, rtcp: Send],
    private readonly clock: Clock = systemClock,
  ) {
    const client = (index: 0 | 1): BindingClient =>
      new BindingClient({
        clock,
        server: nameOfServer({ host: server.name, port: server.port }),
        rtoMs: RTO_MS,
        maxRequests: MAX_REQUESTS,
        send: sockets[index],
        onResult: (result) => this.#heard(index, result),
      });
    this.#clients = [client(0), client(1)];
  }

  /** Resolves after two seconds at the latest. Never rejects. Once only. */
  ask(): Promise<PortMappingResult> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#patience = this.clock.setTimeout(() => this.#finish(), PATIENCE_MS);
      for (const client of this.#clients) client.start();
    });
  }

  /** Whether a datagram of the RTP socket was the STUN response, and thus is no RTP. */
  receiveRtp(packet: Buffer): boolean {
    return this.#clients[0].receive(packet);
  }

  /** The same for the RTCP socket. */
  receiveRtcp(packet: Buffer): boolean {
    return this.#clients[1].receive(packet);
  }

  /** The sockets are about to close. Idempotent. */
  close(): void {
    this.#finish();
    this.clock.clearTimeout(this.#keepOpen);
    this.#keepOpen = undefined;
  }

  #heard(index: 0 | 1, result: BindingResult): void {
    this.#results[index] = result;
    // An answer for RTCP alone is of no use.
    const [rtp, rtcp] = this.#results;
    if ((rtp && rtcp) || rtp?.kind === 'failed') this.#finish();
  }

  #finish(): void {
    const settle = this.#settle;
    if (!settle) return;
    this.#settle = undefined;
    this.clock.clearTimeout(this.#patience);
    for (const client of this.#clients) client.close();
    const [rtp, rtcp] = this.#results;
    if (rtp?.kind !== 'mapped') {
      settle({ kind: 'failed', failure: (rtp?.error ?? this.#silent()).toFailure() });
      return;
    }
    this.#stayOpen();
    settle({ kind: 'mapped', ...pairOf(rtp.mapped, rtcp?.kind === 'mapped' ? rtcp.mapped : undefined) });
  }

  #stayOpen(): void {
    this.#keepOpen = this.clock.setTimeout(() => {
      for (const send of this.sockets) {
        try {
          send(encodeBindingIndication(randomBytes(12)));
        } catch {
          // The owner of the socket reports its failure; the next keep-alive tries again.
        }
      }
      this.#stayOpen();
    }, KEEP_OPEN_MS);
  }

  #silent(): SipflowError {
    return new SipflowError(
      'TIMEOUT',
      `The STUN server ${nameOfServer({ host: this.server.name, port: this.server.port })} did not tell the public ` +
        'address of the RTP ports, so calls name their local ports: check its name and port, and that UDP may pass in ' +
        'both directions.',
    );
  }
}

/** The RTCP port counts only where it has the address of RTP: SDP has one address for both (RFC 3605, 2.1). */
function pairOf(
  rtp: MappedAddress,
  rtcp: MappedAddress | undefined,
): { address: string; rtpPort: number; rtcpPort?: number } {
  const { address, port } = rtp;
  const known = rtcp?.address === address ? { rtcpPort: rtcp.port } : {};
  return { address, rtpPort: port, ...known };
}
