import type { RegistrationReport } from '../registration/types';
import type { IncomingInvite, OutgoingInvite, OutgoingInviteOptions } from './invite';
import type { ExtraHeaders, SeenAddress, SipResponseInfo, TransportName } from './message';
import type { IncomingRequest, OutgoingRequestOptions, SubscribeOptions, Subscription } from './request';

/** PEM texts. */
export interface TlsOptions {
  key?: string;
  cert?: string;
  /** Of `key`. */
  passphrase?: string;
  /** Name that a peer's certificate must prove, instead of the host in the URI. */
  serverName?: string;
  /** Certificate authorities to trust instead of the usual ones. */
  ca?: string;
  /** Whether a peer's certificate must be good; true when absent. */
  rejectUnauthorized?: boolean;
  /** Whether our listener demands a trusted certificate of its clients; false when absent. */
  requireClientCertificate?: boolean;
}

export interface EndpointOptions {
  transport: TransportName;
  /** Address to bind; IPv4 or IPv6. */
  bindAddress: string;
  /** 0 = any free port. */
  port: number;
  /**
   * Whether an endpoint on UDP listens on TCP at the same port too (RFC 3261, 18.2.1); false when absent. A TCP port
   * that is taken is a warning.
   */
  listenTcp?: boolean;
  /** Address written into Via and Contact when it differs from the bound one. */
  advertisedAddress?: string;
  /** STUN server, `host` or `host:port`, that tells a UDP endpoint its public address. */
  stunServer?: string;
  /** Seconds of the session timer that we ask for (RFC 4028); 0 or absent: only a peer's wish is followed. */
  sessionTimer?: number;
  /** User part of our own URIs. */
  user: string;
  displayName?: string;
  /** Host part of our address-of-record; the bound address when absent. */
  domain?: string;
  /** Value of User-Agent and Server. */
  userAgent: string;
  /** Added to every request and every response that does not have them already. */
  headers?: ExtraHeaders;
  /** Outbound proxy: next hop of every request, whatever its URI says. */
  outboundProxy?: string;
  /**
   * Seconds without any answer after which a request outside of calls, a REGISTER or an INVITE goes to the next server
   * that DNS has named, if there is one; 4 when absent, 0: after 32 (timers B and F).
   */
  failOverAfter?: number;
  credentials?: { user: string; password: string };
  /**
   * Who may send requests outside of dialogs: `any`, `registrar` (registrar, outbound proxy and domain), addresses,
   * networks (`10.0.0.0/8`, `2001:db8::/32`) and host names; all others get 403. Any sender when absent or empty.
   */
  acceptFrom?: readonly string[];
  /**
   * Account of callers: their INVITE, MESSAGE and requests in the dialogs that they have begun are challenged for it
   * (digest authentication). Absent: callers are not challenged.
   */
  callers?: { user: string; password: string; realm?: string };
  /**
   * Origins whose web pages may connect to a listener of `ws` or `wss`, such as `https://phone.example.com`; `*` for
   * any. Empty or absent: a handshake with an `Origin` gets 403. One without it comes from no browser, and may pass.
   */
  allowedOrigins?: readonly string[];
  /** For the transports `tls` and `wss`. */
  tls?: TlsOptions;
  /** Registrar: host, `host:port` or a SIP URI. Absent: we do not register. */
  registrar?: string;
  /** Whether `start` registers; true when absent. `register` does so later. */
  register?: boolean;
  /** Seconds that a registration is asked for; 600 when absent. */
  registerExpires?: number;
}

export interface EndpointEvents {
  /** Something does not work as configured, but calls go on. */
  warning: [problem: Error, about: 'public address' | 'connections'];
  invite: [invite: IncomingInvite];
  /** The socket failed after it had been bound. */
  transportFailed: [error: Error];
  /** An OPTIONS, MESSAGE or NOTIFY outside of dialogs, which a listener may answer. */
  request: [request: IncomingRequest];
  /** The registration changed; the first one comes while `start` runs. */
  registration: [report: RegistrationReport];
}

export interface SipEndpoint {
  on<K extends keyof EndpointEvents>(event: K, listener: (...args: EndpointEvents[K]) => void): () => void;
  /** Bound address and port; valid after `start`. */
  readonly localAddress: { address: string; port: number };
  /** Our address-of-record, as From carries it; valid after `start`. */
  readonly uri: string;
  /** Binds; rejects with TRANSPORT (naming address, port and what to do) when the port is occupied. */
  start(): Promise<void>;
  invite(options: OutgoingInviteOptions): OutgoingInvite;
  /**
   * Sends a request outside of dialogs and resolves with its final response; 408 and 503 are made up where none came,
   * 503 with `fault` and `diagnosis`. Rejects with INSTANCE_NOT_READY, BAD_CONFIG for a method that cannot be sent so,
   * a header or the body, BAD_TARGET, and MAX_CALLS when 500 requests wait already.
   */
  request(options: OutgoingRequestOptions): Promise<SipResponseInfo>;
  /**
   * Subscribes to an event package. Throws INSTANCE_NOT_READY, BAD_CONFIG, BAD_TARGET, and MAX_CALLS when 200
   * subscriptions stand.
   */
  subscribe(options: SubscribeOptions): Subscription;
  /**
   * Our address as the peer of such a call sees it, for SDP; a promise only when it depends on who that is. Throws, or
   * rejects with, INSTANCE_NOT_READY or BAD_TARGET.
   */
  addressToward(options: OutgoingInviteOptions): SeenAddress | Promise<SeenAddress>;
  /** Whether requests for that URI go to a server of ours: registrar, outbound proxy, domain. */
  isOwn(uri: string): boolean;
  /** The address of this machine that leads to a peer, also when the endpoint listens at all of them. */
  ownAddress(peer: string): string;
  /** State of the registration; undefined without a registrar. */
  readonly registration?: RegistrationReport | undefined;
  /**
   * Registers at the registrar, now and from now on; anew when it is registered.
   *
   * @returns the report of the first success
   * @throws SipflowError (as a rejection) BAD_CONFIG without a registrar, INSTANCE_NOT_READY, CALL_STATE when it is
   *   taken back meanwhile; otherwise why the first try failed, after which it goes on trying
   */
  register(): Promise<RegistrationReport>;
  /** Takes the registration back; resolves when that is through. Rejects with INSTANCE_NOT_READY only. */
  unregister(): Promise<void>;
  /**
   * Ends what stands (BYE, CANCEL, 480, un-REGISTER, un-SUBSCRIBE together), then closes the sockets; at most
   * `limitMs` (3000). Idempotent.
   */
  close(limitMs?: number): Promise<void>;
}
