import { SafeEmitter, SipflowError, toSipflowError, TurnoverSet } from '../../common';
import { admit, type Admission, type Replaced } from '../invite/admission';
import type { InviteServer } from '../transaction/user-agent';
import { assembleParts, type EndpointParts } from './parts';
import type { EndpointCounts, EndpointDependencies, InspectableEndpoint } from './types';
import { endEverything } from './end-everything';
import { IncomingInviteCall } from '../invite/incoming-invite';
import { Locator, systemResolver } from '../locate';
import { OutgoingInviteCall } from '../invite/outgoing-invite';
import { parseNameAddress } from '../message/header-values';
import type { SipRequest } from '../message/sip-message';
import { calledUserOf, parseSipUri, type SipUri } from '../message/uri';
import { messageTracer } from './message-tracer';
import { RegistrarClient } from '../registration/registrar-client';
import { RegistrationSwitch } from '../registration/registration-switch';
import type { RegistrationReport } from '../registration';
import { Retransmitter } from '../transaction/retransmitter';
import { StreamRequests } from '../transaction/stream-requests';
import { sipClock, type SipClock } from '../transaction/timer-settings';
import { parseRegistrar } from '../transport/route-request';
import type { LocalIdentity } from '../transport/identity';
import { LocalAddresses } from '../transport/local-addresses';
import { Router, targetUri } from '../transport/router';
import type { Peer } from '../transport/transport';
import { TransportManager } from '../transport/transport-manager';
import { AllowedCallers, OwnServers } from '../trust';
import type {
  EndpointEvents,
  EndpointOptions,
  OutgoingInvite,
  OutgoingInviteOptions,
  OutgoingRequestOptions,
  SeenAddress,
  SipResponseInfo,
  SubscribeOptions,
  Subscription,
} from '../types';

const DEFAULT_CLOSE_LIMIT_MS = 3000;
const DEFAULT_REGISTER_EXPIRES = 600;

/**
 * Makes an endpoint: one address on which calls are placed and taken. `start` binds it.
 *
 * @throws SipflowError BAD_CONFIG for an outbound proxy, a registrar, a list of callers or a transport that cannot be
 *   used
 */
export function createEndpoint(
  options: EndpointOptions,
  dependencies: EndpointDependencies = {},
): InspectableEndpoint {
  return new Endpoint(options, dependencies.clock ?? sipClock(), dependencies);
}

class Endpoint extends SafeEmitter<EndpointEvents> implements InspectableEndpoint {
  readonly #transport: TransportManager;
  readonly #retransmitter: Retransmitter;
  readonly #streamRequests: StreamRequests;
  readonly #router: Router;
  readonly #servers: OwnServers;
  readonly #allowedCallers: AllowedCallers | undefined;
  readonly #outgoing = new TurnoverSet<OutgoingInviteCall>();
  readonly #incoming = new TurnoverSet<IncomingInviteCall>();
  /** Everything that exists between `start` and `close`. */
  #running: EndpointParts | undefined;
  #registrar: RegistrationSwitch | undefined;
  #closing: Promise<void> | undefined;
  /** Whether nothing may be sent any more. */
  #closed = false;
  /** Looks whether everything has ended, while the endpoint closes. */
  #checkIdle: () => void = () => undefined;

  constructor(
    private readonly options: EndpointOptions,
    private readonly clock: SipClock,
    private readonly dependencies: EndpointDependencies,
  ) {
    super();
    this.#router = new Router(
      options,
      dependencies.locator ?? new Locator({ resolver: systemResolver(), clock }),
    );
    if (options.registrar) parseRegistrar(options.registrar);
    const { acceptFrom } = options;
    const router = this.#router;
    const servers = new OwnServers(options, { clock, router, serviceRoute: () => this.#serviceRoute() });
    this.#servers = servers;
    if (acceptFrom?.length) this.#allowedCallers = new AllowedCallers(acceptFrom, { servers, router, clock });
    this.#retransmitter = new Retransmitter(clock);
    this.#streamRequests = new StreamRequests(clock);
    this.#transport = new TransportManager(
      options,
      {
        onMessage: (bytes, source) => this.#running?.dispatcher.receive(bytes, source),
        onStun: (bytes) => this.#running?.publicAddress.receive(bytes),
        onFailure: (error) => this.emit('transportFailed', error),
        onWarning: (problem) => this.emit('warning', problem, 'connections'),
        onConnectionLost: (peer, fault) => {
          this.#router.flows.lost(peer);
          this.#streamRequests.connectionLost(peer, fault);
          this.#registrar?.connectionLost(peer);
        },
        onSilence: (peer) => this.#registrar?.probe(peer),
      },
      clock,
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
    return {
      ...(this.#running?.agent.counts ?? { clients: 0, servers: 0 }),
      dialogs: this.#running?.dialogs.size ?? 0,
      invites: this.#outgoing.size + this.#incoming.size,
      retransmissions: this.#retransmitter.size + this.#streamRequests.size,
    };
  }

  get registration(): RegistrationReport | undefined {
    return this.#registrar?.report;
  }

  async start(): Promise<void> {
    await this.#transport.start();
    await this.#allowedCallers?.prepare();
    const addresses = new LocalAddresses(this.#transport.local.address);
    await addresses.findRoute();
    const running = assembleParts({
      options: this.options,
      clock: this.clock,
      transport: this.#transport,
      retransmitter: this.#retransmitter,
      streamRequests: this.#streamRequests,
      router: this.#router,
      addresses,
      servers: this.#servers,
      isFriend: (peer) => this.dependencies.isFriend?.(peer) === true,
      allowedCallers: this.#allowedCallers,
      serviceRoute: () => this.#serviceRoute(),
      admit: (request) => this.#admit(request),
      onInvite: (server, replaces) => this.#invited(server, replaces),
      hearsRequests: () => this.dependencies.hearsRequests?.() ?? this.listenerCount('request') > 0,
      onRequest: (request) => this.emit('request', request),
      isClosed: () => this.#closed,
      onContactChanged: (identity) => this.#registrar?.changeContact(identity),
      onDialogOver: () => this.#checkIdle(),
      onWarning: (problem) => this.emit('warning', problem, 'public address'),
    });
    this.#running = running;
    const { publicAddress } = running;
    await publicAddress.start();
    if (this.#closing) return;
    if (!this.options.registrar) return;
    this.#registrar = this.#registration(this.options.registrar, running);
    // A failure is told by the reports.
    if (this.options.register !== false) this.#registrar.register().catch(() => undefined);
  }

  async register(): Promise<RegistrationReport> {
    this.#ready();
    if (this.#registrar) return this.#registrar.register();
    throw new SipflowError('BAD_CONFIG', 'There is no registrar to register at: set one.', {
      field: 'registrar',
    });
  }

  async unregister(): Promise<void> {
    this.#ready();
    await this.#registrar?.unregister();
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

  async request(options: OutgoingRequestOptions): Promise<SipResponseInfo> {
    return this.#ready().requests.send(options);
  }

  subscribe(options: SubscribeOptions): Subscription {
    return this.#ready().subscriptions.open(options);
  }

  addressToward(options: OutgoingInviteOptions): SeenAddress | Promise<SeenAddress> {
    const { identity } = this.#ready();
    return identity.varies || this.options.stunServer
      ? this.#addressToward(options, identity)
      : { address: identity.toward(undefined).host, outside: false };
  }

  async #addressToward(
    { target, destination }: OutgoingInviteOptions,
    identity: LocalIdentity,
  ): Promise<SeenAddress> {
    const known = destination && !this.options.outboundProxy;
    // A target that cannot be found fails as a call, with its reason.
    const peer = known
      ? destination
      : await this.#router.resolve(this.#firstHop(target)).catch(() => undefined);
    return { address: identity.toward(peer?.address).host, outside: identity.outside(peer?.address) };
  }

  ownAddress(peer: string): string {
    return this.#running?.identity.ownAddress(peer) ?? this.localAddress.address;
  }

  isOwn(uri: string): boolean {
    return this.#running?.trust.isOwn(uri) === true;
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
        subscriptions: running.subscriptions,
      };
      await endEverything(standing, this.clock, limitMs, (checkIdle) => (this.#checkIdle = checkIdle));
      this.#closed = true;
      running.requests.close();
      running.incomingRequests.close();
      running.agent.reset();
      running.dispatcher.reset();
    }
    this.#retransmitter.reset();
    this.#streamRequests.reset();
    await this.#transport.close();
    this.#running = undefined;
  }

  #admit(request: SipRequest): Admission {
    if (this.listenerCount('invite') === 0 || this.#closing) return { refusal: { status: 480 } };
    const admission = admit(request, this.#running as EndpointParts);
    if ('refusal' in admission || admission.replaces) return admission;
    const refusal = this.dependencies.refuseCall?.(calledUserOf(request.uri));
    return refusal ? { refusal } : admission;
  }

  #invited(server: InviteServer, replaces: Replaced): void {
    const running = this.#running as EndpointParts;
    running.trust.prepare();
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
  #ready(): EndpointParts {
    if (this.#running && !this.#closing) return this.#running;
    throw new SipflowError(
      'INSTANCE_NOT_READY',
      'The SIP endpoint is not running: start it before it calls or sends requests.',
    );
  }

  #serviceRoute(): string[] {
    return this.#registrar?.report?.routes.serviceRoute ?? [];
  }

  #registration(registrar: string, running: EndpointParts): RegistrationSwitch {
    const { registerExpires = DEFAULT_REGISTER_EXPIRES } = this.options;
    return new RegistrationSwitch(
      (onReport) =>
        new RegistrarClient(running, this.#router, {
          registrar: parseRegistrar(registrar),
          expires: registerExpires,
          connections: this.#transport,
          onSeenAs: (...seen) => running.publicAddress.seenAs(...seen),
          onReport,
        }),
      (report) => {
        this.emit('registration', report);
        if (report.state === 'closed') this.#checkIdle();
      },
    );
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
