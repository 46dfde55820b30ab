import { systemClock, type Clock } from '../common/clock';
import { SafeEmitter } from '../common/emitter';
import { SipflowError } from '../common/errors';
import type { SipContext } from './context';
import { CoreAgent } from './core-adapter/core-agent';
import type { InviteServer } from './core-adapter/invite-server';
import { Dialog } from './dialog';
import { Dispatcher } from './dispatcher';
import { LocalIdentity } from './identity';
import { IncomingInviteCall } from './incoming-invite';
import type { ResponseOptions } from './message/serialise';
import type { SipRequest } from './message/sip-message';
import { parseSipUri } from './message/uri';
import { Outbox } from './outbox';
import { OutgoingInviteCall } from './outgoing-invite';
import { Retransmitter } from './reliability/retransmitter';
import { parseOutboundProxy, peerOfUri } from './transport/route-request';
import type { Peer, Transport } from './transport/transport';
import { UdpTransport } from './transport/udp-transport';
import type {
  EndpointEvents,
  EndpointOptions,
  OutgoingInvite,
  OutgoingInviteOptions,
  SipEndpoint,
} from './types';

/** What a test replaces. */
export interface EndpointDependencies {
  clock?: Clock;
}

/** What an endpoint keeps at the moment; all zero some time after the last call. */
export interface EndpointCounts {
  /** Client and server transactions of the core. */
  clients: number;
  servers: number;
  /** Early and confirmed dialogs. */
  dialogs: number;
  /** INVITEs of both directions without a final response. */
  invites: number;
  /** Messages that are sent again until they are answered. */
  retransmissions: number;
}

export interface InspectableEndpoint extends SipEndpoint {
  readonly counts: EndpointCounts;
}

const DEFAULT_CLOSE_LIMIT_MS = 3000;

/**
 * Makes an endpoint: one address on which calls are placed and taken. `start` binds it.
 *
 * @throws SipflowError BAD_CONFIG for an outbound proxy or a transport that cannot be used
 */
export function createEndpoint(
  options: EndpointOptions,
  dependencies: EndpointDependencies = {},
): InspectableEndpoint {
  return new Endpoint(options, dependencies.clock ?? systemClock);
}

/** Everything that exists between `start` and `close`. */
interface Running extends SipContext {
  readonly dispatcher: Dispatcher;
  readonly outbox: Outbox;
}

class Endpoint extends SafeEmitter<EndpointEvents> implements InspectableEndpoint {
  readonly #transport: Transport;
  readonly #retransmitter: Retransmitter;
  readonly #outboundProxy: Peer | undefined;
  readonly #outgoing = new Set<OutgoingInviteCall>();
  readonly #incoming = new Set<IncomingInviteCall>();
  #running: Running | undefined;
  #closing: Promise<void> | undefined;
  /** Looks whether everything has ended, while the endpoint closes. */
  #checkIdle: () => void = () => undefined;

  constructor(
    private readonly options: EndpointOptions,
    private readonly clock: Clock,
  ) {
    super();
    this.#outboundProxy = options.outboundProxy
      ? parseOutboundProxy(options.outboundProxy, options.transport)
      : undefined;
    this.#retransmitter = new Retransmitter(clock);
    this.#transport = this.#createTransport();
  }

  get localAddress(): { address: string; port: number } {
    return this.#transport.local;
  }

  get counts(): EndpointCounts {
    const core = this.#running?.agent.counts ?? { clients: 0, servers: 0, dialogs: 0 };
    const dialogs = Math.max(core.dialogs, this.#running?.dialogs.size ?? 0);
    const invites = this.#outgoing.size + this.#incoming.size;
    return { ...core, dialogs, invites, retransmissions: this.#retransmitter.size };
  }

  async start(): Promise<void> {
    await this.#transport.start();
    const identity = new LocalIdentity(this.options, this.#transport.local);
    const dialogs = new DialogMap(() => this.#checkIdle());
    const answer = (request: SipRequest, source: Peer, response: ResponseOptions): void =>
      outbox.answer(request, source, response);
    const outbox: Outbox = new Outbox(
      this.#transport,
      this.#retransmitter,
      () => agent,
      this.#outboundProxy,
      () => identity,
    );
    const agent = new CoreAgent(
      { identity, answer, transmit: (text, next) => outbox.transmit(text, next) },
      this.clock,
      this.#transport.reliable,
    );
    const dispatcher = new Dispatcher(
      { agent, dialogs, answer, invited: (server) => this.#invited(server) },
      this.#retransmitter,
    );
    this.#running = { clock: this.clock, agent, identity, dialogs, answer, dispatcher, outbox };
  }

  invite(options: OutgoingInviteOptions): OutgoingInvite {
    const running = this.#running;
    if (!running || this.#closing) {
      throw new SipflowError(
        'INSTANCE_NOT_READY',
        'The SIP endpoint is not running: start it before placing calls.',
      );
    }
    const call: OutgoingInviteCall = new OutgoingInviteCall(running, options, () => {
      this.#outgoing.delete(call);
      this.#checkIdle();
    });
    this.#outgoing.add(call);
    call.start(this.#destination(options));
    return call;
  }

  close(limitMs = DEFAULT_CLOSE_LIMIT_MS): Promise<void> {
    return (this.#closing ??= this.#close(limitMs));
  }

  async #close(limitMs: number): Promise<void> {
    const running = this.#running;
    if (running) {
      await this.#endEverything(running, limitMs);
      running.agent.reset();
      running.dispatcher.reset();
    }
    this.#retransmitter.reset();
    await this.#transport.close();
    this.#running = undefined;
  }

  /** Sends every BYE, CANCEL and 480 now, and waits until they are answered, at most for the limit. */
  #endEverything(running: Running, limitMs: number): Promise<void> {
    const dialogs = (): Dialog[] => [...running.dialogs.values()];
    return new Promise((resolve) => {
      const timers = [
        this.clock.setTimeout(finish, limitMs),
        // A BYE may have to wait for the ACK to our 2xx, but not until it is too late for the BYE.
        this.clock.setTimeout(() => dialogs().forEach((dialog) => dialog.hurry()), limitMs / 2),
      ];
      const clock = this.clock;
      function finish(): void {
        for (const timer of timers) clock.clearTimeout(timer);
        for (const dialog of dialogs()) dialog.close();
        resolve();
      }
      for (const call of [...this.#outgoing]) call.cancel();
      for (const call of [...this.#incoming]) call.shutDown();
      for (const dialog of dialogs()) void dialog.bye();
      this.#checkIdle = () => {
        if (this.#outgoing.size === 0 && this.#incoming.size === 0 && running.dialogs.size === 0) finish();
      };
      this.#checkIdle();
    });
  }

  #invited(server: InviteServer): void {
    const running = this.#running as Running;
    if (this.listenerCount('invite') === 0 || this.#closing) {
      running.dispatcher.settled();
      server.respond({ status: 480, fields: running.identity.responseFields([]) });
      return;
    }
    const call: IncomingInviteCall = new IncomingInviteCall(running, server, () => {
      this.#incoming.delete(call);
      running.dispatcher.settled();
      this.#checkIdle();
    });
    this.#incoming.add(call);
    this.emit('invite', call);
    call.trying();
  }

  /** Where the INVITE of a new call goes. */
  #destination(options: OutgoingInviteOptions): Peer {
    const { transport } = this.options;
    if (this.#outboundProxy) return this.#outboundProxy;
    if (options.destination) return { transport, ...options.destination };
    const uri = parseSipUri(options.target);
    if (!uri)
      throw new SipflowError('BAD_TARGET', `"${options.target}" is not a SIP URI: use sip:user@host.`);
    return peerOfUri(uri, transport);
  }

  #createTransport(): Transport {
    const { transport, bindAddress, port } = this.options;
    if (transport !== 'udp') {
      throw new SipflowError('BAD_CONFIG', `The transport ${transport} is not available: choose udp.`);
    }
    return new UdpTransport(bindAddress, port, {
      onMessage: (bytes, source) => this.#running?.dispatcher.receive(bytes, source),
      onFailure: (error) => this.emit('transportFailed', error),
    });
  }
}

/** Dialogs by id; tells when one has left. */
class DialogMap extends Map<string, Dialog> {
  constructor(private readonly onDeleted: () => void) {
    super();
  }

  override delete(id: string): boolean {
    const deleted = super.delete(id);
    if (deleted) this.onDeleted();
    return deleted;
  }
}
