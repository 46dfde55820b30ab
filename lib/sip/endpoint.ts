import { TurnoverSet } from '../common/turnover';
import { systemClock, type Clock } from '../common/clock';
import { SafeEmitter } from '../common/emitter';
import { ClientCredentials } from './auth';
import { SipflowError, toSipflowError } from '../common/errors';
import type { SipContext } from './context';
import { CoreAgent } from './core-adapter/core-agent';
import type { InviteServer } from './core-adapter/invite-server';
import { DialogKeepAlive } from './dialog-keep-alive';
import { DialogMap } from './dialog-map';
import { Dispatcher } from './dispatcher';
import { LocalIdentity } from './identity';
import type { EndpointCounts, EndpointDependencies, InspectableEndpoint } from './endpoint-types';
import { endEverything } from './end-everything';
import { IncomingAuthentication } from './incoming-authentication';
import { IncomingInviteCall } from './incoming-invite';
import type { ResponseOptions } from './message/serialise';
import type { SipRequest } from './message/sip-message';
import { Locator, systemResolver } from './locate';
import { Outbox } from './outbox';
import { matchReplaces } from './refer/match-replaces';
import { OutgoingInviteCall } from './outgoing-invite';
import { parseNameAddress } from './message/header-values';
import { parseSipUri, type SipUri } from './message/uri';
import { messageTracer } from './message-tracer';
import { PublicAddress } from './public-address';
import { RegistrarClient } from './registrar-client';
import type { RegistrationReport } from './registration';
import { Retransmitter } from './reliability/retransmitter';
import { StreamRequests } from './reliability/stream-requests';
import { parseRegistrar } from './transport/route-request';
import { LocalAddresses } from './transport/local-addresses';
import { judge, sessionPolicy } from './session-timer';
import { Router, targetUri } from './transport/router';
import type { Peer } from './transport/transport';
import { TransportManager } from './transport/transport-manager';
import type {
  EndpointEvents,
  EndpointOptions,
  OutgoingInvite,
  OutgoingInviteOptions,
  SeenAddress,
} from './types';

const DEFAULT_CLOSE_LIMIT_MS = 3000;
const DEFAULT_REGISTER_EXPIRES = 600;

/**
 * Makes an endpoint: one address on which calls are placed and taken. `start` binds it.
 *
 * @throws SipflowError BAD_CONFIG for an outbound proxy, a registrar or a transport that cannot be used
 */
export function createEndpoint(
  options: EndpointOptions,
  dependencies: EndpointDependencies = {},
): InspectableEndpoint {
  return new Endpoint(options, dependencies.clock ?? systemClock, dependencies);
}

/** Everything that exists between `start` and `close`. */
interface Running extends SipContext {
  readonly dispatcher: Dispatcher;
  readonly outbox: Outbox;
  readonly publicAddress: PublicAddress;
  readonly dialogKeepAlive: DialogKeepAlive;
}

class Endpoint extends SafeEmitter<EndpointEvents> implements InspectableEndpoint {
  readonly #transport: TransportManager;
  readonly #retransmitter: Retransmitter;
  readonly #streamRequests: StreamRequests;
  readonly #router: Router;
  readonly #outgoing = new TurnoverSet<OutgoingInviteCall>();
  readonly #incoming = new TurnoverSet<IncomingInviteCall>();
  #running: Running | undefined;
  #registrar: RegistrarClient | undefined;
  #closing: Promise<void> | undefined;
  /** Looks whether everything has ended, while the endpoint closes. */
  #checkIdle: () => void = () => undefined;

  constructor(
    private readonly options: EndpointOptions,
    private readonly clock: Clock,
    dependencies: EndpointDependencies,
  ) {
    super();
    this.#router = new Router(
      options,
      dependencies.locator ?? new Locator({ resolver: systemResolver(), clock }),
    );
    if (options.registrar) parseRegistrar(options.registrar);
    this.#retransmitter = new Retransmitter(clock);
    this.#streamRequests = new StreamRequests(clock);
    this.#transport = new TransportManager(
      options,
      {
        onMessage: (bytes, source) => this.#running?.dispatcher.receive(bytes, source),
        onStun: (bytes) => this.#running?.publicAddress.receive(bytes),
        onFailure: (error) => this.emit('transportFailed', error),
        onConnectionLost: (peer, fault) => {
          this.#router.flows.lost(peer);
          this.#streamRequests.connectionLost(peer, fault);
          this.#registrar?.connectionLost(peer);
        },
      },
      dependencies.trace && messageTracer(dependencies.trace, clock),
    );
  }

  get localAddress(): { address: string; port: number } {
    return this.#transport.local;
  }

  get uri(): string {
    return this.#running?.identity.uri ?? '';
  }

  get counts(): EndpointCounts {
    const core = this.#running?.agent.counts ?? { clients: 0, servers: 0, dialogs: 0 };
    const dialogs = Math.max(core.dialogs, this.#running?.dialogs.size ?? 0);
    const invites = this.#outgoing.size + this.#incoming.size;
    return {
      ...core,
      dialogs,
      invites,
      retransmissions: this.#retransmitter.size + this.#streamRequests.size,
    };
  }

  get registration(): RegistrationReport | undefined {
    return this.#registrar?.report;
  }

  async start(): Promise<void> {
    await this.#transport.start();
    const addresses = new LocalAddresses(this.#transport.local.address);
    await addresses.findRoute();
    const identity = new LocalIdentity(this.options, this.#transport.local, addresses);
    const publicAddress = new PublicAddress({
      clock: this.clock,
      identity,
      stunServer: this.options.transport === 'udp' ? this.options.stunServer : undefined,
      send: (bytes, destination) => this.#transport.send(bytes, destination),
      onChanged: () => {
        dialogKeepAlive.start();
        this.#registrar?.changeContact(identity);
      },
      onWarning: (problem) => this.emit('warning', problem),
    });
    const dialogs = new DialogMap(() => this.#checkIdle());
    const dialogKeepAlive = new DialogKeepAlive({
      clock: this.clock,
      dialogs,
      identity,
      router: this.#router,
      keepAlive: (destination) => this.#transport.keepAlive(destination),
    });
    const answer = (request: SipRequest, source: Peer, response: ResponseOptions): void =>
      outbox.answer(request, source, response);
    const outbox: Outbox = new Outbox(
      this.#transport,
      this.#retransmitter,
      this.#streamRequests,
      () => agent,
      this.#router,
      () => identity,
    );
    const agent = new CoreAgent(
      { identity, answer, transmit: (text, next) => outbox.transmit(text, next) },
      this.clock,
      this.#transport.reliable,
    );
    const { callers } = this.options;
    const authentication = callers && new IncomingAuthentication(callers, this.clock);
    const dispatcher = new Dispatcher(
      {
        agent,
        dialogs,
        answer,
        heardOf: (request, source) => this.#router.flows.learn(request, source),
        challenge: (request) => authentication?.challenge(request),
        invited: (server) => this.#invited(server),
        messaged: (request) => this.emit('message', request.toInfo()),
      },
      this.#retransmitter,
      this.#streamRequests,
    );
    const credentials = this.options.credentials && new ClientCredentials(this.options.credentials);
    const serviceRoute = (): string[] => this.#serviceRoute();
    const context = {
      clock: this.clock,
      credentials,
      agent,
      identity,
      dialogs,
      answer,
      serviceRoute,
      sessionPolicy: sessionPolicy(this.options.sessionTimer),
    };
    this.#running = { ...context, dispatcher, outbox, publicAddress, dialogKeepAlive };
    await publicAddress.start();
    if (this.#closing) return;
    const { registrar, registerExpires = DEFAULT_REGISTER_EXPIRES } = this.options;
    if (registrar) {
      this.#registrar = new RegistrarClient(context, this.#router, {
        registrar: parseRegistrar(registrar),
        expires: registerExpires,
        keepAlive: (destination) => this.#transport.keepAlive(destination),
        onSeenAs: (address, port, registrar) => publicAddress.seenAs(address, port, registrar),
        onReport: (report) => {
          this.emit('registration', report);
          if (report.state === 'closed') this.#checkIdle();
        },
      });
      this.#registrar.start();
    }
  }

  invite(options: OutgoingInviteOptions): OutgoingInvite {
    const running = this.#ready();
    const call: OutgoingInviteCall = new OutgoingInviteCall(running, options, () => {
      this.#outgoing.delete(call);
      this.#checkIdle();
    });
    this.#outgoing.add(call);
    this.#startCall(call, options);
    return call;
  }

  async addressToward({ target, destination }: OutgoingInviteOptions): Promise<SeenAddress> {
    const { identity } = this.#ready();
    if (!identity.varies && !this.options.stunServer) {
      return { address: identity.toward(undefined).host, outside: false };
    }
    const known = destination && !this.options.outboundProxy;
    // A target that cannot be found fails as a call, with its reason.
    const peer = known
      ? destination
      : await this.#router.resolve(this.#firstHop(target)).catch(() => undefined);
    return { address: identity.toward(peer?.address).host, outside: identity.outside(peer?.address) };
  }

  close(limitMs = DEFAULT_CLOSE_LIMIT_MS): Promise<void> {
    return (this.#closing ??= this.#close(limitMs));
  }

  async #close(limitMs: number): Promise<void> {
    const running = this.#running;
    if (running) {
      running.publicAddress.close();
      running.dialogKeepAlive.close();
      const standing = {
        outgoing: this.#outgoing,
        incoming: this.#incoming,
        dialogs: running.dialogs,
        registrar: this.#registrar,
      };
      await endEverything(standing, this.clock, limitMs, (checkIdle) => (this.#checkIdle = checkIdle));
      running.agent.reset();
      running.dispatcher.reset();
    }
    this.#retransmitter.reset();
    this.#streamRequests.reset();
    await this.#transport.close();
    this.#running = undefined;
  }

  #invited(server: InviteServer): void {
    const running = this.#running as Running;
    if (this.listenerCount('invite') === 0 || this.#closing) {
      running.dispatcher.settled();
      server.respond({ status: 480, fields: running.identity.responseFields([]) });
      return;
    }
    // Only an interval that was asked for can be too short.
    const timed = server.request.headers.has('Session-Expires');
    const session = timed && judge(running.sessionPolicy, server.request.toInfo().headers);
    if (session && session.kind === 'reject') {
      running.dispatcher.settled();
      const fields = [...session.headers, ...running.identity.responseFields([])];
      server.respond({ status: session.status, fields });
      return;
    }
    const replaces = matchReplaces(server.request, running.dialogs);
    if (replaces && 'refusal' in replaces) {
      running.dispatcher.settled();
      server.respond({ status: replaces.refusal, fields: running.identity.responseFields([]) });
      return;
    }
    const settled = (): void => {
      this.#incoming.delete(call);
      running.dispatcher.settled();
      this.#checkIdle();
    };
    const call: IncomingInviteCall = new IncomingInviteCall(running, server, settled, replaces);
    this.#incoming.add(call);
    this.emit('invite', call);
    call.trying();
  }

  /** @throws SipflowError INSTANCE_NOT_READY */
  #ready(): Running {
    if (this.#running && !this.#closing) return this.#running;
    throw new SipflowError(
      'INSTANCE_NOT_READY',
      'The SIP endpoint is not running: start it before placing calls.',
    );
  }

  #serviceRoute(): string[] {
    return this.#registrar?.report.routes.serviceRoute ?? [];
  }

  /** The URI that decides where a call to the target goes first. */
  #firstHop(target: string): SipUri {
    const [route] = this.#serviceRoute();
    return (route && parseSipUri(parseNameAddress(route)?.uri ?? '')) || targetUri(target);
  }

  /** Finds out where the INVITE of a new call goes, and sends it. */
  #startCall(call: OutgoingInviteCall, { target, destination }: OutgoingInviteOptions): void {
    const uri = this.#firstHop(target);
    const known = destination && !this.options.outboundProxy;
    const peer = known ? { transport: this.options.transport, ...destination } : this.#router.now(uri);
    if (peer) {
      call.start(peer);
      return;
    }
    this.#router.find(uri).then(
      (failOver) => call.start(failOver.current as Peer, failOver),
      (error: unknown) => call.unreachable(toSipflowError(error, 'DNS')),
    );
  }
}
