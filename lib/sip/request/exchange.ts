import { toSipflowError } from '../../common';
import { answerChallenge, type AuthScope } from '../auth';
import type { SipContext } from '../dialog/context';
import type { FailOver } from '../locate';
import type { HeaderField } from '../message/extra-headers';
import { parseSipUri } from '../message/uri';
import { unsent, type FinalOutcome } from '../transaction/outcomes';
import { nextHopUri } from '../transport/route-request';
import type { Router } from '../transport/router';
import type { Peer } from '../transport/transport';
import type { KnownHost } from '../trust';
import type { MessageBody } from '../types';

/** Endpoint of an exchange: context, router, and whether it is closed. */
export interface ExchangeContext {
  readonly context: SipContext;
  readonly router: Router;
  /** Whether the endpoint has been closed, so that nothing may be sent any more. */
  isClosed(): boolean;
}

/** One request outside of the dialogs that INVITEs have made. */
export interface ExchangeRequest {
  method: string;
  /** Request-URI. */
  target: string;
  /** To, when it is another than the Request-URI. */
  to?: string;
  callId: string;
  fromTag: string;
  /** Of the peer, within a dialog of a subscription. */
  toTag?: string;
  /** The CSeq of each transmission, which is another after a challenge. */
  readonly nextCSeq: () => number;
  /** Values of Route. */
  routes: string[];
  fields: readonly HeaderField[];
  body?: MessageBody;
  /** Next hop, when it is known and no outbound proxy is set. */
  destination?: Peer;
  /** The host that the flow has named. */
  dialled: KnownHost | undefined;
  scope: AuthScope;
}

/**
 * Sends a request where Route, outbound proxy and RFC 3263 lead it, with credentials where they may go, to the next
 * server when one is not there (RFC 3263, 4.3), and calls back once with what came of it. Never throws.
 */
export function exchange(
  host: ExchangeContext,
  request: ExchangeRequest,
  done: (outcome: FinalOutcome) => void,
): void {
  new Exchange(host, request, done).start();
}

class Exchange {
  #destination: Peer | undefined;
  #failOver: FailOver | undefined;
  readonly #auth;

  constructor(
    private readonly host: ExchangeContext,
    private readonly request: ExchangeRequest,
    private readonly done: (outcome: FinalOutcome) => void,
  ) {
    const { method, target, body, scope, dialled } = request;
    const { trust } = host.context;
    this.#auth = scope.begin(
      { method, uri: target, body: body?.content ?? '' },
      () => this.#destination !== undefined && trust.mayGo(this.#destination, dialled),
    );
  }

  start(): void {
    void this.#locate().then(
      (destination) => {
        if (this.host.isClosed()) return;
        this.#goTo(destination);
        this.#send();
      },
      (error: unknown) => this.done(unsent(toSipflowError(error, 'DNS'))),
    );
  }

  async #locate(): Promise<Peer> {
    const { router } = this.host;
    const { routes, target, destination } = this.request;
    if (destination && !router.proxied) return destination;
    const uri = nextHopUri(routes[0], target);
    const known = router.known(uri);
    if (known) return known;
    this.#failOver = await router.find(uri);
    return this.#failOver.current ?? router.resolve(uri);
  }

  #goTo(destination: Peer): void {
    this.#destination = destination;
    const { dialled, target } = this.request;
    const uri = parseSipUri(target);
    if (uri && dialled?.isNamedBy(uri)) dialled.learn([destination]);
  }

  #send(): void {
    const { method, target, to, callId, fromTag, toTag, nextCSeq, routes, fields, body } = this.request;
    const credentials = this.#auth.headers.map(([name, value]): HeaderField => [name, value]);
    this.host.context.agent.request(
      method,
      {
        ...{ target, callId, fromTag, routes, cseq: nextCSeq(), fields: [...fields, ...credentials] },
        ...(to === undefined ? {} : { to }),
        ...(toTag === undefined ? {} : { toTag }),
        ...(body === undefined ? {} : { body }),
        destination: this.#destination as Peer,
        patienceMs: this.#failOver?.patienceMs(this.host.context.failOverMs),
      },
      { final: (outcome) => this.#answered(outcome) },
    );
  }

  #answered(outcome: FinalOutcome): void {
    const { info } = outcome;
    const decision = answerChallenge(this.#auth, outcome.response);
    if (decision?.kind === 'retry' || this.#triedNext(outcome)) {
      this.#send();
      return;
    }
    if (decision) info.diagnosis = decision.error.message;
    if (info.status < 300) {
      this.#auth.succeeded(info.headers);
      this.#failOver?.succeeded();
    }
    this.done(outcome);
  }

  #triedNext({ origin, info }: FinalOutcome): boolean {
    if (origin === 'remote' && info.status !== 503) return false;
    const next = this.#failOver?.failed();
    if (!next) return false;
    this.#goTo(next);
    return true;
  }
}
