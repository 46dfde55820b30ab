import type { Session, SessionDialog, UserAgentCore } from 'sip.js/lib/core';
import type { SipflowError } from '../../common';
import type { HeaderField } from '../message/extra-headers';
import type { SipRequest, SipResponse } from '../message/sip-message';
import { identityUri } from '../message/uri';
import type { WrittenRequest } from '../message/written-message';
import { randomBranch, randomToken } from '../message/tokens';
import { clientKey } from '../transaction/transaction-key';
import type { RequestServer } from '../transaction/server-requests';
import { DialogFlow } from '../transport/dialog-flow';
import type { Peer } from '../transport/transport';
import type { RequestHandlers } from '../transaction/outcomes';
import type {
  InviteHandlers,
  InviteClient,
  InviteServer,
  NewRequest,
  UserAgent,
} from '../transaction/user-agent';
import { CoreDialog, WRAPPER, type CoreDialogHost } from './core-dialog';
import {
  CallerUri,
  coreBody,
  defineCoreMessages,
  verbatimUri,
  type CoreMessages,
  type CoreRequest,
} from './core-messages';
import { loadCore, type CoreModule } from './core-module';
import { opaqueLines } from './core-server';
import { createUserAgentCore, type CoreAgentHost } from './core-user-agent';
import { forkRequest } from './fork-request';
import { CoreInviteClient, InviteResponses, isBeyondLimit, type CoreInviteHost } from './invite-client';
import { CoreInviteServer } from './invite-server';
import { NO_TAG, type OutgoingRequest } from './outgoing-request';
import { OwnTransactions } from './own-transactions';
import type { InviteClientInternals } from './patch-core';
import type { SipClock } from '../transaction/timer-settings';

/**
 * The user agent core of one endpoint, in our terms. What comes in is dispatched by the endpoint, not by the
 * core: it only finds the transaction or the dialog that a message belongs to.
 */
export class CoreAgent implements UserAgent, CoreInviteHost {
  readonly #core: CoreModule;
  readonly #messages: CoreMessages;
  readonly #agent: UserAgentCore;
  readonly #own: OwnTransactions;
  readonly #dialogs: CoreDialogHost;
  #next: Peer | undefined;

  constructor(
    private readonly host: CoreAgentHost,
    clock: SipClock,
    reliable: boolean,
  ) {
    this.#core = loadCore(clock, reliable);
    this.#messages = defineCoreMessages(this.#core);
    this.#agent = createUserAgentCore(
      this.#core,
      this.#messages,
      host,
      (message, sent) => host.transmit(message, this.#next, sent),
      () => this.#next?.address,
    );
    this.#own = new OwnTransactions(clock, reliable, host, (request, sent) =>
      host.transmit(request.write(), this.#next, sent),
    );
    const { requests, servers } = this.#own;
    this.#dialogs = { core: this.#core, messages: this.#messages, requests, servers };
  }

  get counts(): { clients: number; servers: number } {
    const { userAgentClients, userAgentServers } = this.#agent;
    const { clients, servers } = this.#own.counts;
    return {
      clients: userAgentClients.size + clients,
      servers: userAgentServers.size + servers,
    };
  }

  invite(options: NewRequest, handlers: InviteHandlers): InviteClient {
    this.#next = options.destination;
    try {
      const message = this.#compose('INVITE', options);
      const responses = new InviteResponses(this, message, options.destination, handlers);
      return new CoreInviteClient(this.#agent, this.#agent.invite(message, responses));
    } finally {
      this.#next = undefined;
    }
  }

  request(method: string, options: NewRequest, handlers: RequestHandlers): void {
    this.#next = options.destination;
    try {
      this.#own.requests.start(this.#compose(method, options), handlers, options.patienceMs);
    } finally {
      this.#next = undefined;
    }
  }

  ackFork(response: SipResponse): WrittenRequest {
    const request = forkRequest(this.#agent, 'ACK', response, response.cseq.number);
    request.setViaHeader(randomBranch(), this.host.identity.protocol);
    const ack = request.write();
    this.host.transmit(ack, undefined, ignoreLoss);
    return ack;
  }

  byeFork(
    response: SipResponse,
    cseq: number,
    fields: readonly HeaderField[],
    handlers: RequestHandlers,
  ): void {
    this.#own.requests.start(forkRequest(this.#agent, 'BYE', response, cseq, fields), handlers);
  }

  openInvite(request: SipRequest, source: Peer, key: string): InviteServer {
    const uas = new this.#core.InviteUserAgentServer(this.#agent, this.#wrap(request, source, key));
    // The core's own tags have 50 random bits.
    Object.assign(uas, { toTag: randomToken() });
    return new CoreInviteServer(uas, {
      dialogOf: (session) => this.dialogOf(session, () => new DialogFlow(source, false, request.via)),
      retire: (terminated) => {
        this.#agent.userAgentServers.delete(key);
        uas.transaction.dispose();
        this.#own.absorbInvite(key, terminated);
      },
    });
  }

  openServer(request: SipRequest, source: Peer, key: string): RequestServer {
    return this.#own.servers.open(request, source, key);
  }

  /** The message object that the core's transactions take. */
  #wrap(request: SipRequest, source: Peer, key: string): CoreRequest {
    return this.#messages.incomingRequest(request, source, key);
  }

  receiveInTransaction(request: SipRequest, source: Peer, key: string): boolean {
    const { method } = request;
    // The core has INVITEs only.
    if (method !== 'INVITE' && method !== 'ACK') return this.#own.servers.absorb(key);
    if (method === 'INVITE' && this.#own.absorbsInvite(key)) return true;
    const uas = this.#agent.userAgentServers.get(key);
    if (!uas) return false;
    if (method === 'ACK' && uas.transaction.state === this.#core.TransactionState.Accepted) return false;
    uas.transaction.receiveRequest(this.#wrap(request, source, key));
    return true;
  }

  inviteDestination(branch: string): Peer | undefined {
    const message = this.#agent.userAgentClients.get(clientKey(branch, 'INVITE'))?.message;
    return (message as { destination?: Peer } | undefined)?.destination;
  }

  redirectInvite(branch: string, destination: Peer): void {
    const message = this.#agent.userAgentClients.get(clientKey(branch, 'INVITE'))?.message;
    if (message) Object.assign(message, { destination });
  }

  noteFault(key: string, fault: SipflowError): void {
    const message = this.#agent.userAgentClients.get(key)?.message;
    if (message) Object.assign(message, { fault });
  }

  failRequest(key: string): void {
    this.#own.requests.fail(key);
    const transaction = this.#agent.userAgentClients.get(key)?.transaction as
      { onTransportError(error: Error): void } | undefined;
    transaction?.onTransportError(new Error('the connection is gone'));
  }

  receiveResponse(response: SipResponse): boolean {
    const key = clientKey(response.via.branch, response.cseq.method);
    if (this.#own.requests.receive(key, response)) return true;
    const client = this.#agent.userAgentClients.get(key);
    if (!client) return this.#own.answered.receive(key, response);
    const message = this.#messages.incomingResponse(response, client.message.ruri.toRaw());
    if (response.cseq.method === 'INVITE') {
      if (isBeyondLimit(client, response)) return true;
      if (response.toTag === undefined) {
        // The core drops a 1xx without a tag, and with it the end of the retransmissions.
        if (response.status < 200) message.statusCode = 100;
        else if (response.status < 300) message.toTag = NO_TAG;
      }
    }
    client.transaction.receiveResponse(message);
    return true;
  }

  reset(): void {
    this.#agent.reset();
    this.#own.reset();
  }

  /** The ACK has left: of the transaction and all that hangs on it, only the ACK is needed any longer. */
  retireInvite(invite: OutgoingRequest, { toTag = '' }: SipResponse, { endFork }: InviteHandlers): void {
    const key = clientKey(invite.branch ?? '', 'INVITE');
    const client = this.#agent.userAgentClients.get(key);
    const ack = (
      client?.transaction as unknown as InviteClientInternals | undefined
    )?.ackRetransmissionCache.get(toTag);
    if (!client || !ack) return;
    this.#agent.userAgentClients.delete(key);
    client.transaction.dispose();
    this.#own.answered.add(key, toTag, ack.write(), endFork);
    invite.forgetText();
    ack.forgetText();
  }

  /** A request outside of dialogs; `#next` is its destination meanwhile. */
  #compose(method: string, options: NewRequest): OutgoingRequest {
    const message = this.#agent.makeOutgoingRequestMessage(
      method,
      verbatimUri(options.target),
      options.from ? CallerUri.of(options.from) : verbatimUri(this.host.identity.uri),
      verbatimUri(options.to ?? identityUri(options.target)),
      {
        callId: options.callId,
        fromTag: options.fromTag,
        toTag: options.toTag,
        cseq: options.cseq,
        routeSet: options.routes ?? [],
      },
      opaqueLines(options.fields),
      coreBody(options.body),
    ) as OutgoingRequest;
    message.destination = options.destination;
    message.maxForwards = options.maxForwards;
    return message;
  }

  dialogOf(session: Session, flow: () => DialogFlow): CoreDialog {
    const wrapped = session as Wrapped;
    return (wrapped[WRAPPER] ??= new CoreDialog(this.#dialogs, wrapped, flow()));
  }
}

/** A lost ACK needs no care: the peer sends its 2xx again. */
function ignoreLoss(): void {}

type Wrapped = SessionDialog & { [WRAPPER]?: CoreDialog };
