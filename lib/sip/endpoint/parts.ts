import { DEFAULTS, type SipflowError } from '../../common';
import type { Admission, Replaced } from '../invite/admission';
import { ClientCredentials } from '../auth';
import type { SipContext } from '../dialog/context';
import { CoreAgent } from '../core-adapter/core-agent';
import type { InviteServer } from '../transaction/user-agent';
import { DialogKeepAlive } from './dialog-keep-alive';
import { DialogMap } from '../dialog/dialog-map';
import { Dispatcher } from './dispatcher';
import { LocalIdentity } from '../transport/identity';
import { IncomingAuthentication } from '../auth/incoming-authentication';
import type { ResponseOptions } from '../message/serialise';
import type { SipRequest } from '../message/sip-message';
import { Outbox } from './outbox';
import { PublicAddress } from './public-address';
import type { Retransmitter } from '../transaction/retransmitter';
import type { StreamRequests } from '../transaction/stream-requests';
import { sessionPolicy } from '../session-timer';
import { LatePracks } from '../transaction/late-pracks';
import { DialogRoutes } from '../transport/dialog-routes';
import type { LocalAddresses } from '../transport/local-addresses';
import type { Router } from '../transport/router';
import type { Peer } from '../transport/transport';
import type { TransportManager } from '../transport/transport-manager';
import { Trust, type AllowedCallers, type OwnServers } from '../trust';
import { RequestSender } from '../request/request-sender';
import { Subscriptions } from '../subscription/subscriptions';
import type { EndpointOptions, IncomingRequest } from '../types';
import { IncomingRequests } from './incoming-requests';
import type { SipClock } from '../transaction/timer-settings';
import { TRANSPORTS } from '../transport/kinds';

/** Parts of a running endpoint: made by `start`, gone after `close`. */
export interface EndpointParts extends SipContext {
  readonly dispatcher: Dispatcher;
  readonly publicAddress: PublicAddress;
  readonly dialogKeepAlive: DialogKeepAlive;
  readonly incomingRequests: IncomingRequests;
  readonly requests: RequestSender;
  readonly subscriptions: Subscriptions;
}

/** The endpoint, as its parts see it. */
export interface EndpointHost {
  readonly options: EndpointOptions;
  readonly clock: SipClock;
  /** Started, so that its port is known. */
  readonly transport: TransportManager;
  readonly retransmitter: Retransmitter;
  readonly streamRequests: StreamRequests;
  readonly router: Router;
  readonly addresses: LocalAddresses;
  readonly servers: OwnServers;
  /** Whether another phone of this process has that address. */
  isFriend(peer: Peer): boolean;
  /** Undefined when any caller may call. */
  readonly allowedCallers: AllowedCallers | undefined;
  /** Route set for requests outside of dialogs (RFC 3608). */
  serviceRoute(): string[];
  /** Whether an INVITE that passed what the dispatcher asks for becomes a call. */
  admit(request: SipRequest): Admission;
  /** An INVITE that opens a dialog. */
  onInvite(server: InviteServer, replaces: Replaced): void;
  /** Whether there is a listener for requests outside of dialogs. */
  hearsRequests(): boolean;
  /** An OPTIONS, MESSAGE or NOTIFY outside of dialogs. */
  onRequest(request: IncomingRequest): void;
  /** Our Contact has changed. */
  onContactChanged(identity: LocalIdentity): void;
  onDialogOver(): void;
  /** Whether nothing may be sent any more. */
  isClosed(): boolean;
  onWarning(problem: SipflowError): void;
}

/** Makes what receives and sends messages, and joins it. Nothing is sent yet. */
export function assembleParts(host: EndpointHost): EndpointParts {
  const { options, clock, transport, retransmitter, streamRequests, router, addresses } = host;
  const { listensTcp } = transport;
  const identity = new LocalIdentity({ ...options, listenTcp: listensTcp }, transport.local, addresses);
  const publicAddress = new PublicAddress({
    clock,
    identity,
    stunServer: TRANSPORTS[options.transport].reliable ? undefined : options.stunServer,
    send: (bytes, destination) => transport.send(bytes, destination),
    onChanged: () => {
      dialogKeepAlive.start();
      host.onContactChanged(identity);
    },
    onWarning: (problem) => host.onWarning(problem),
  });
  const routes = new DialogRoutes(router, {
    isOpen: (peer) => transport.isOpen(peer),
    isNear: (address) => addresses.isNear(address),
  });
  const dialogs = new DialogMap(() => host.onDialogOver());
  const dialogKeepAlive = new DialogKeepAlive({
    clock,
    dialogs,
    identity,
    routes,
    keepAlive: (destination) => transport.keepAlive(destination),
  });
  const answer = (request: SipRequest, source: Peer, response: ResponseOptions): void =>
    outbox.answer(request, source, response);
  const outbox: Outbox = new Outbox(
    transport,
    retransmitter,
    streamRequests,
    () => agent,
    router,
    identity,
    routes,
  );
  const agent = new CoreAgent(
    {
      identity,
      answer,
      transmit: (message, next, sent) => outbox.transmit(message, next, sent),
      giveUp: (key) => outbox.giveUp(key),
    },
    clock,
    transport.reliable,
  );
  const latePracks = new LatePracks(clock);
  const { callers } = options;
  const authentication = callers && new IncomingAuthentication(callers, clock);
  const dispatcher = new Dispatcher(
    {
      agent,
      dialogs,
      latePracks,
      received: (bytes, source, callId) => transport.received(bytes, source, callId),
      answer,
      accepts: (source) => host.allowedCallers?.includes(source) ?? true,
      heardOf: (request, source) => router.flows.learn(request, source),
      challenge: (request) => authentication?.challenge(request),
      admit: (request) => host.admit(request),
      invited: (server, replaces) => host.onInvite(server, replaces),
      asked: (...request) => incomingRequests.receive(...request),
      notified: (...request) => subscriptions.receive(...request),
    },
    retransmitter,
    streamRequests,
  );
  const credentials = options.credentials && new ClientCredentials(options.credentials);
  const context: SipContext = {
    clock,
    credentials,
    trust: new Trust({
      ...{ servers: host.servers, router, routes },
      callersProve: callers !== undefined,
      isFriend: (peer) => host.isFriend(peer),
    }),
    agent,
    identity,
    dialogs,
    latePracks,
    answer,
    serviceRoute: () => host.serviceRoute(),
    failOverMs: (options.failOverAfter ?? DEFAULTS.failOverAfter) * 1000,
    sessionPolicy: sessionPolicy(options.sessionTimer),
  };
  const incomingRequests: IncomingRequests = new IncomingRequests({
    context,
    callersProve: callers !== undefined,
    heard: () => host.hearsRequests(),
    tell: (request) => host.onRequest(request),
  });
  const exchanges = { context, router, isClosed: () => host.isClosed() };
  const subscriptions: Subscriptions = new Subscriptions(exchanges, () => host.onDialogOver());
  return {
    ...context,
    dispatcher,
    publicAddress,
    dialogKeepAlive,
    incomingRequests,
    requests: new RequestSender(exchanges),
    subscriptions,
  };
}
