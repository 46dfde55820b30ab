import type { Session, SessionDialog, UserAgentCore } from 'sip.js/lib/core';
import type { Clock } from '../../common/clock';
import type { SipflowError } from '../../common/errors';
import type { HeaderField } from '../message/extra-headers';
import { parseNameAddress, splitList } from '../message/header-values';
import type { SipRequest, SipResponse } from '../message/sip-message';
import type { WrittenMessage, WrittenRequest } from '../message/written-message';
import { transactionTimeout } from '../reliability/timer-settings';
import { randomBranch, randomToken } from '../reliability/tokens';
import { clientKey } from '../reliability/transaction-key';
import { AnsweredInvites } from '../transaction/answered-invites';
import { ClientRequests } from '../transaction/client-requests';
import { ExpiringMap } from '../transaction/expiring-map';
import { ServerRequests, type RequestServer } from '../transaction/server-requests';
import type { Peer } from '../transport/transport';
import type { MessageBody } from '../types';
import { CoreDialog } from './core-dialog';
import {
  defineCoreMessages,
  coreBody,
  verbatimUri,
  type CoreMessages,
  type CoreRequest,
} from './core-messages';
import { loadCore, type CoreModule } from './core-module';
import { opaqueLines } from './core-server';
import { createUserAgentCore, type CoreAgentHost } from './core-user-agent';
import { InviteClient } from './invite-client';
import { InviteServer } from './invite-server';
import type { OutgoingRequest } from './outgoing-request';
import type { InviteClientInternals } from './patch-core';
import { outcomeOf, receivedIn, type FinalOutcome, type RequestHandlers } from './outcomes';

export interface OutgoingRequestOptions {
  /** Request-URI. */
  target: string;
  /** To, when it is another than the Request-URI. */
  to?: string;
  callId: string;
  fromTag: string;
  cseq: number;
  /** Values of Route. */
  routes?: string[];
  fields?: readonly HeaderField[];
  body?: MessageBody;
  destination: Peer;
}

export interface InviteHandlers {
  /** 101–199; the dialog is absent when the response has no To tag. */
  progress(response: SipResponse, dialog: CoreDialog | undefined): void;
  /** A 2xx of a dialog that none came from before; acknowledges it by `dialog.ack()`. */
  accepted(response: SipResponse, dialog: CoreDialog): void;
  /**
   * A 2xx of another fork, after the first one: must acknowledge it by `agent.ackFork` and end its dialog. This
   * function outlives the call by 32 s, so it should hold on to little.
   */
  readonly endFork: (response: SipResponse) => WrittenRequest;
  failed(outcome: FinalOutcome): void;
}

/**
 * The user agent core of one endpoint, in our terms. What comes in is dispatched by the endpoint, not by the
 * core: it only finds the transaction or the dialog that a message belongs to.
 */
export class CoreAgent {
  readonly #core: CoreModule;
  readonly #messages: CoreMessages;
  readonly #agent: UserAgentCore;
  readonly #requests: ClientRequests<OutgoingRequest>;
  readonly #answered: AnsweredInvites;
  readonly #servers: ServerRequests;
  /** INVITEs that were answered and acknowledged: their copies are absorbed (RFC 6026, timer L). */
  readonly #absorbed: ExpiringMap<() => void>;
  #next: Peer | undefined;

  constructor(
    private readonly host: CoreAgentHost,
    clock: Clock,
    reliable: boolean,
  ) {
    this.#core = loadCore(clock, reliable);
    this.#messages = defineCoreMessages(this.#core);
    this.#agent = createUserAgentCore(
      this.#core,
      this.#messages,
      host,
      (message) => host.transmit(message, this.#next),
      () => this.#next?.address,
    );
    const send = (message: WrittenMessage): void => {
      host.transmit(message, undefined).catch(ignoreLoss);
    };
    this.#requests = new ClientRequests(clock, host.identity.protocol, (request) =>
      host.transmit(request.write(), this.#next),
    );
    this.#answered = new AnsweredInvites(clock, send);
    this.#servers = new ServerRequests(
      clock,
      reliable,
      (request, source) => host.identity.contactFor(request, source),
      send,
    );
    this.#absorbed = new ExpiringMap(clock, (terminated) => terminated());
  }

  /** Transactions and dialogs that stand, for tests and statistics. */
  get counts(): { clients: number; servers: number; dialogs: number } {
    const { userAgentClients, userAgentServers, dialogs } = this.#agent;
    return {
      clients: userAgentClients.size + this.#requests.size + this.#answered.size,
      servers: userAgentServers.size + this.#servers.size + this.#absorbed.size,
      dialogs: dialogs.size,
    };
  }

  /** Sends an INVITE that asks for a new dialog. */
  invite(options: OutgoingRequestOptions, handlers: InviteHandlers): InviteClient {
    const dialogOf = (session: Session): CoreDialog => this.#dialogOf(session);
    const request = this.#send(options, 'INVITE', (message) =>
      this.#agent.invite(message, {
        // A 1xx without a To tag is handed to the core as a 100, see `receiveResponse`.
        onTrying: (incoming) => {
          const response = receivedIn(incoming);
          if (response && response.status > 100) handlers.progress(response, undefined);
        },
        onProgress: (incoming) => {
          const response = receivedIn(incoming);
          if (response) handlers.progress(response, dialogOf(incoming.session));
        },
        onAccept: (incoming) => {
          const response = receivedIn(incoming);
          if (!response) return;
          const dialog = dialogOf(incoming.session);
          // The core keeps the target of the 18x.
          dialog.refreshTarget(response);
          handlers.accepted(response, dialog);
          this.#retire(message, response, handlers);
        },
        onRedirect: (incoming) => handlers.failed(outcomeOf(incoming)),
        onReject: (incoming) => handlers.failed(outcomeOf(incoming, message)),
      }),
    );
    return new InviteClient(this.#agent, request);
  }

  /** Sends any other request outside of dialogs. */
  request(method: string, options: OutgoingRequestOptions, handlers: RequestHandlers): void {
    this.#send(options, method, (message) => this.#requests.start(message, handlers));
  }

  /** Acknowledges the 2xx of a fork that has no dialog. */
  ackFork(response: SipResponse): WrittenRequest {
    const request = this.#forkRequest('ACK', response, response.cseq.number);
    request.setViaHeader(randomBranch(), this.host.identity.protocol);
    const ack = request.write();
    this.host.transmit(ack, undefined).catch(ignoreLoss);
    return ack;
  }

  /** Ends a fork that has no dialog. */
  byeFork(
    response: SipResponse,
    cseq: number,
    fields: readonly HeaderField[],
    handlers: RequestHandlers,
  ): void {
    this.#requests.start(this.#forkRequest('BYE', response, cseq, fields), handlers);
  }

  /** Opens the server transaction of an INVITE that asks for a new dialog. */
  openInvite(request: SipRequest, source: Peer, key: string): InviteServer {
    const uas = new this.#core.InviteUserAgentServer(this.#agent, this.wrap(request, source, key));
    // The core's own tags have 50 random bits.
    Object.assign(uas, { toTag: randomToken() });
    return new InviteServer(uas, {
      dialogOf: (session) => this.#dialogOf(session),
      retire: (terminated) => {
        this.#agent.userAgentServers.delete(key);
        uas.transaction.dispose();
        this.#absorbed.set(key, terminated, transactionTimeout());
      },
    });
  }

  /** Opens the server transaction of any other request outside of dialogs. */
  openServer(request: SipRequest, source: Peer, key: string): RequestServer {
    return this.#servers.open(request, source, key);
  }

  /** The message object that the core's dialogs and transactions take. */
  wrap(request: SipRequest, source: Peer, key: string): CoreRequest {
    return this.#messages.incomingRequest(request, source, key);
  }

  /**
   * Hands a retransmission, or the ACK to a final non-2xx, to the transaction it belongs to.
   *
   * @returns false when there is no such transaction, or when it has sent a 2xx and the ACK belongs to the dialog
   */
  receiveInTransaction(request: SipRequest, source: Peer, key: string): boolean {
    if (request.method === 'INVITE' && this.#absorbed.get(key)) return true;
    const uas = this.#agent.userAgentServers.get(key);
    if (!uas) return this.#servers.absorb(key);
    if (request.method === 'ACK' && uas.transaction.state === this.#core.TransactionState.Accepted)
      return false;
    uas.transaction.receiveRequest(this.wrap(request, source, key));
    return true;
  }

  /** Where the INVITE with that branch went: its CANCEL and its ACK to a non-2xx must follow. */
  inviteDestination(branch: string): Peer | undefined {
    const message = this.#agent.userAgentClients.get(clientKey(branch, 'INVITE'))?.message;
    return (message as { destination?: Peer } | undefined)?.destination;
  }

  /** The INVITE with that branch took another way than it was made for. */
  redirectInvite(branch: string, destination: Peer): void {
    const message = this.#agent.userAgentClients.get(clientKey(branch, 'INVITE'))?.message;
    if (message) Object.assign(message, { destination });
  }

  /** Keeps why a request of ours could not be sent, for whoever is told that it has failed. */
  noteFault(key: string, fault: SipflowError): void {
    const message = this.#agent.userAgentClients.get(key)?.message;
    if (message) Object.assign(message, { fault });
  }

  /** Ends a request of ours, by the key of its transaction, with a transport error. */
  failRequest(key: string): void {
    this.#requests.fail(key);
    const transaction = this.#agent.userAgentClients.get(key)?.transaction as
      { onTransportError(error: Error): void } | undefined;
    transaction?.onTransportError(new Error('the connection is gone'));
  }

  /** Whether one of our transactions waits for that response. */
  receiveResponse(response: SipResponse): boolean {
    const key = clientKey(response.via.branch, response.cseq.method);
    if (this.#requests.receive(key, response)) return true;
    const client = this.#agent.userAgentClients.get(key);
    if (!client) return this.#answered.receive(key, response);
    const message = this.#messages.incomingResponse(response, client.message.ruri.toRaw());
    if (response.toTag === undefined && response.cseq.method === 'INVITE') {
      // The core drops it, and with it the end of the retransmissions.
      if (response.status < 200) message.statusCode = 100;
      else if (response.status < 300) return false;
    }
    client.transaction.receiveResponse(message);
    return true;
  }

  /** Forgets every transaction and dialog. */
  reset(): void {
    this.#agent.reset();
    this.#requests.reset();
    this.#answered.reset();
    this.#servers.reset();
    this.#absorbed.clear();
  }

  /** The ACK has left: of the transaction and all that hangs on it, only the ACK is needed any longer. */
  #retire(invite: OutgoingRequest, { toTag = '' }: SipResponse, { endFork }: InviteHandlers): void {
    const key = clientKey(invite.branch ?? '', 'INVITE');
    const client = this.#agent.userAgentClients.get(key);
    const ack = (
      client?.transaction as unknown as InviteClientInternals | undefined
    )?.ackRetransmissionCache.get(toTag);
    if (!client || !ack) return;
    this.#agent.userAgentClients.delete(key);
    client.transaction.dispose();
    this.#answered.add(key, toTag, ack.write(), endFork);
  }

  #forkRequest(
    method: string,
    response: SipResponse,
    cseq: number,
    fields: readonly HeaderField[] = [],
  ): OutgoingRequest {
    const { headers, callId, fromTag, toTag, from, to } = response;
    const contact = splitList(headers.first('Contact') ?? '')[0];
    const target = (contact && parseNameAddress(contact)?.uri) ?? to?.uri ?? '';
    const routeSet = headers.all('Record-Route').flatMap(splitList).reverse();
    return this.#agent.makeOutgoingRequestMessage(
      method,
      verbatimUri(target),
      verbatimUri(from?.uri ?? ''),
      verbatimUri(to?.uri ?? ''),
      { callId, fromTag, toTag, cseq, routeSet },
      opaqueLines(fields),
    ) as OutgoingRequest;
  }

  #send<Sent>(
    options: OutgoingRequestOptions,
    method: string,
    send: (message: OutgoingRequest) => Sent,
  ): Sent {
    this.#next = options.destination;
    try {
      const message = this.#agent.makeOutgoingRequestMessage(
        method,
        verbatimUri(options.target),
        verbatimUri(this.host.identity.uri),
        verbatimUri(options.to ?? options.target),
        {
          callId: options.callId,
          fromTag: options.fromTag,
          cseq: options.cseq,
          routeSet: options.routes ?? [],
        },
        opaqueLines(options.fields),
        coreBody(options.body),
      ) as OutgoingRequest;
      message.destination = options.destination;
      return send(message);
    } finally {
      this.#next = undefined;
    }
  }

  #dialogOf(session: Session): CoreDialog {
    const wrapped = session as Wrapped;
    return (wrapped[WRAPPER] ??= new CoreDialog(this.#core, wrapped, this.#requests, this.#servers));
  }
}

/** What is lost is asked for again by whoever waits for it. */
function ignoreLoss(): void {}

/** Where a session keeps its wrapper: weak maps of this size cost the garbage collector a scan each time. */
const WRAPPER = Symbol('wrapper');
type Wrapped = SessionDialog & { [WRAPPER]?: CoreDialog };
