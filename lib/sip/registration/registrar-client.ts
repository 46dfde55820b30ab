import { isIP } from 'node:net';
import { Registration, type RegisterOutcome, type RegisterRequest, type RegistrationReport } from '.';
import { SipflowError, type TimerHandle, toSipflowError } from '../../common';
import { answerChallenge, AuthScope } from '../auth';
import type { SipContext } from '../dialog/context';
import type { FailOver } from '../locate';
import type { HeaderField } from '../message/extra-headers';
import { randomToken } from '../message/tokens';
import type { SipUri } from '../message/uri';
import type { FinalOutcome } from '../transaction/outcomes';
import type { LocalIdentity } from '../transport/identity';
import type { Router } from '../transport/router';
import type { Peer } from '../transport/transport';
import { ALWAYS } from '../trust';
import { TRANSPORTS } from '../transport/kinds';

/** The connections that a registration depends on. */
export interface RegistrarConnections {
  /** Keep-alive: CRLF CRLF keeps the NAT binding open, or probes the connection. */
  keepAlive(destination: Peer): void;
  /** That peer has said that it answers keep-alives. */
  expectPongs(peer: Peer): void;
  /** Cuts the connection to a peer that does not answer; the next request opens another. */
  drop(peer: Peer): void;
}

export interface RegistrarClientOptions {
  /** Request-URI: the registrar's domain. */
  registrar: SipUri;
  /** Seconds that we ask for. */
  expires: number;
  readonly connections: RegistrarConnections;
  /** The registrar has told where our request came from. */
  onSeenAs(address: string, port: number, registrar: string): void;
  onReport(report: RegistrationReport): void;
}

/** A registrar that closes its connection after every answer must not make us register without end. */
const RECONNECT_PAUSE_MS = 30_000;
/** NATs keep UDP open for 30 s or more (RFC 5626, 4.4.2); up to a fifth is taken off, to spread the phones. */
const KEEP_ALIVE_MS = 28_000;

/** Registers one endpoint: sends what the registration's state machine wants sent, with credentials and fail-over. */
export class RegistrarClient {
  readonly #registration: Registration;
  readonly #auth: AuthScope;
  readonly #fromTag = randomToken();
  #cseq = 0;
  /** The registration stays with the server that has answered. */
  #failOver: FailOver | undefined;
  #destination: Peer | undefined;
  /** Whether the latest REGISTER was answered. */
  #worked = false;
  #reconnectedAt = -Infinity;
  #learnedAt = -Infinity;
  #state: RegistrationReport['state'] | undefined;
  #keepAliveTimer: TimerHandle | undefined;

  constructor(
    private readonly context: SipContext,
    private readonly router: Router,
    private readonly options: RegistrarClientOptions,
  ) {
    this.#auth = new AuthScope(context.credentials);
    this.#registration = new Registration({
      clock: context.clock,
      send: (request, done) => void this.#send(request, done),
      onReport: (report) => this.#reported(report),
      registrar: requestUri(options.registrar),
      addressOfRecord: context.identity.uri,
      contact: context.identity.toward(router.now(options.registrar)?.address).contactUri,
      expires: options.expires,
      callId: randomToken(),
    });
  }

  get report(): RegistrationReport {
    return this.#registration.report;
  }

  start(): void {
    this.#registration.start();
  }

  /** Registers now instead of at the planned time. */
  refreshNow(): void {
    this.#registration.refreshNow();
  }

  /** Takes the binding away; resolves when that is answered, or was not in time. */
  close(): Promise<void> {
    return this.#registration.close();
  }

  abort(): void {
    this.#registration.abort();
  }

  /** Our address has changed. */
  changeContact(identity: LocalIdentity): void {
    this.#registration.changeContact(identity.toward(this.#destination?.address).contactUri);
  }

  /** Calls come in over the connection that the REGISTER has opened: without it we must register again. */
  connectionLost(peer: Peer): void {
    const now = this.context.clock.now();
    if (!this.#isOwn(peer)) return;
    if (now - this.#reconnectedAt < RECONNECT_PAUSE_MS) return;
    this.#reconnectedAt = now;
    this.#registration.refreshNow();
  }

  async #send(request: RegisterRequest, done: (outcome: RegisterOutcome) => void): Promise<void> {
    try {
      const before = this.#destination?.address;
      this.#destination = await this.#locate();
      // Which of our addresses the registrar sees is known only now.
      if (before !== this.#destination.address) this.changeContact(this.context.identity);
      this.#attempt(request, done);
    } catch (error) {
      done({ kind: 'fault', error: toSipflowError(error, 'DNS') });
    }
  }

  async #locate(): Promise<Peer> {
    const { registrar } = this.options;
    const direct = this.router.now(registrar);
    if (direct) return direct;
    if (!this.#failOver?.current) this.#failOver = await this.router.find(registrar);
    const { current } = this.#failOver;
    if (!current)
      throw new SipflowError('DNS', `No server of the registrar ${registrar.host} can be reached.`);
    return current;
  }

  /** A peer has left a keep-alive unanswered that it may not know: if that is the registrar, a REGISTER tells. */
  probe(peer: Peer): void {
    if (this.#isOwn(peer)) this.#registration.refreshNow();
  }

  #isOwn(peer: Peer): boolean {
    const own = this.#destination;
    return own?.address === peer.address && own.port === peer.port;
  }

  #attempt(request: RegisterRequest, done: (outcome: RegisterOutcome) => void): void {
    const auth = this.#auth.begin({ method: 'REGISTER', uri: request.requestUri }, ALWAYS);
    const send = (): void => {
      const fields = [...request.headers, ...auth.headers].map(([name, value]): HeaderField => [name, value]);
      this.context.agent.request(
        'REGISTER',
        {
          target: request.requestUri,
          to: request.addressOfRecord,
          callId: request.callId,
          fromTag: this.#fromTag,
          cseq: ++this.#cseq,
          fields,
          destination: this.#destination as Peer,
          patienceMs: this.#failOver?.patienceMs(this.context.failOverMs),
        },
        { final },
      );
    };
    const final = (outcome: FinalOutcome): void => {
      this.#learnAddress(outcome);
      const decision = answerChallenge(auth, outcome.response);
      const renewed = this.#renewed(outcome);
      if (decision?.kind === 'retry' || this.#triedNext(outcome) || renewed) {
        send();
        return;
      }
      if (outcome.info.status < 300) {
        auth.succeeded(outcome.info.headers);
        this.#failOver?.succeeded();
      }
      done(decision ? { kind: 'fault', error: decision.error } : this.#outcome(outcome));
    };
    send();
  }

  /**
   * A connection that lets a REGISTER time out is dead: it is cut, and a registration that worked before is tried once
   * more over a new one. Otherwise the time-out is reported, and the next try comes later.
   */
  #renewed({ origin, info }: FinalOutcome): boolean {
    const destination = this.#destination;
    const worked = this.#worked;
    this.#worked = origin === 'remote';
    if (!destination || !TRANSPORTS[destination.transport].reliable) return false;
    if (info.headers['Flow-Timer']) this.options.connections.expectPongs(destination);
    if (origin !== 'timeout') return false;
    this.#reconnectedAt = this.context.clock.now();
    this.options.connections.drop(destination);
    return worked;
  }

  /** RFC 3263, 4.3: another server of the registrar, when this one is not there or sends us away. */
  #triedNext({ origin, info }: FinalOutcome): boolean {
    if (origin === 'remote' && info.status !== 503) return false;
    const next = this.#failOver?.failed();
    if (!next) return false;
    this.#destination = next;
    return true;
  }

  /**
   * RFC 3581: top Via of the answer says as whom the registrar has seen us. Over a connection it sees a port that is
   * not the one we listen on in any case: only another address than ours shows that a NAT lies between. Then calls can
   * come over this connection alone, and a Contact that names its far end leads there.
   */
  #learnAddress({ response }: FinalOutcome): void {
    const destination = this.#destination;
    if (!response || !destination) return;
    const { parameters } = response.via;
    const port = Number(parameters.get('rport'));
    const address = parameters.get('received');
    if (!address || isIP(address) === 0 || !(port > 0 && port <= 65_535)) return;
    if (TRANSPORTS[destination.transport].reliable) {
      const now = this.context.clock.now();
      if (address === this.context.identity.ownAddress(destination.address)) return;
      // Each connection has a port of its own: were it closed after every answer, we would register without end.
      if (now - this.#learnedAt < RECONNECT_PAUSE_MS) return;
      this.#learnedAt = now;
    }
    this.options.onSeenAs(address, port, destination.address);
  }

  #reported(report: RegistrationReport): void {
    const { clock } = this.context;
    if (report.state !== 'registered') clock.clearTimeout(this.#keepAliveTimer);
    else if (this.#state !== 'registered') this.#keepAlive();
    this.#state = report.state;
    this.options.onReport(report);
  }

  #keepAlive(): void {
    const ms = KEEP_ALIVE_MS * (1 - 0.2 * Math.random());
    this.#keepAliveTimer = this.context.clock.setTimeout(() => {
      if (this.#destination) this.options.connections.keepAlive(this.#destination);
      this.#keepAlive();
    }, ms);
  }

  #outcome({ origin, info, fault }: FinalOutcome): RegisterOutcome {
    const { status, reason, headers } = info;
    if (origin === 'remote') return { kind: 'response', status, reason, headers };
    if (fault) return { kind: 'fault', error: fault };
    const host = this.options.registrar.host;
    const error =
      origin === 'timeout'
        ? new SipflowError(
            'TIMEOUT',
            `The registrar ${host} does not answer: check its address, port and firewall.`,
          )
        : new SipflowError(
            'TRANSPORT',
            `The registrar ${host} cannot be reached: check its address, port and transport.`,
          );
    return { kind: 'fault', error };
  }
}

/** A registrar's Request-URI has no user part (RFC 3261, 10.2). */
function requestUri({ scheme, host, port }: SipUri): string {
  return `${scheme}:${host}${port === undefined ? '' : `:${port}`}`;
}
