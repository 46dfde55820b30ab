import type { Dialog, SessionDialog } from 'sip.js/lib/core';
import { parseNameAddress, splitList } from '../message/header-values';
import type { SipRequest, SipResponse } from '../message/sip-message';
import type { ClientRequests } from '../transaction/client-requests';
import type { RequestHandlers } from '../transaction/outcomes';
import type { RequestServer, ServerRequests } from '../transaction/server-requests';
import type {
  AgentDialog,
  AgentDialogHandlers,
  ReInviteHandlers,
  RequestContent,
} from '../transaction/user-agent';
import type { DialogFlow } from '../transport/dialog-flow';
import type { Peer } from '../transport/transport';
import { coreBody, verbatimUri, type CoreMessages, type CoreRequest } from './core-messages';
import type { CoreModule } from './core-module';
import { outcomeOf, receivedIn } from './core-outcome';
import { CoreReInviteServer, opaqueLines } from './core-server';
import { NO_TAG, type OutgoingRequest } from './outgoing-request';

/** Members of the core's dialog that its type declarations hide. */
interface DialogInternals {
  invite2xxTimer: unknown;
  ackWait: boolean;
  dialogState: { remoteTarget: unknown };
  sequenceGuard(message: CoreRequest): boolean;
}

/** Key of a session's wrapper: a weak map of this size costs the garbage collector a scan each time. */
export const WRAPPER = Symbol('wrapper');

type Delegate = NonNullable<SessionDialog['delegate']>;

const DISPOSED: Delegate = { onAckTimeout: () => undefined };

/** User agent of the dialogs. */
export interface CoreDialogHost {
  readonly core: CoreModule;
  readonly messages: CoreMessages;
  readonly requests: ClientRequests<OutgoingRequest>;
  readonly servers: ServerRequests;
}

/** A dialog of the core, early or confirmed, in our terms; the core turns to it as its delegate. */
export class CoreDialog implements AgentDialog, Delegate {
  #handlers: AgentDialogHandlers | undefined;
  #firstAck: (() => void) | undefined;

  constructor(
    private readonly host: CoreDialogHost,
    private readonly session: SessionDialog,
    readonly flow: DialogFlow,
  ) {}

  get #internals(): DialogInternals {
    return this.session as unknown as DialogInternals;
  }

  get id(): string {
    const { id, callId, localTag, remoteTag } = this.session;
    return remoteTag === NO_TAG ? callId + localTag : id;
  }

  get callId(): string {
    return this.session.callId;
  }

  get localTag(): string {
    return this.session.localTag;
  }

  get remoteTag(): string {
    const { remoteTag } = this.session;
    return remoteTag === NO_TAG ? '' : remoteTag;
  }

  get remoteTarget(): string {
    return this.session.remoteTarget.toString();
  }

  get firstRoute(): string | undefined {
    return this.session.routeSet[0];
  }

  get awaitingAck(): boolean {
    return this.#internals.ackWait;
  }

  listen(handlers: AgentDialogHandlers): void {
    this.#handlers = handlers;
    this.flow.owner = handlers;
    this.session.delegate = this;
  }

  onAck({ message }: { message: unknown }): void {
    this.#handlers?.acknowledged((message as CoreRequest).received);
  }

  onAckTimeout(): void {
    this.#handlers?.ackOverdue();
  }

  onInvite(request: unknown): void {
    const uas = request as ConstructorParameters<typeof CoreReInviteServer>[0];
    this.#handlers?.reInvite(new CoreReInviteServer(uas, this.session, () => this.#stopRepeating()));
  }

  refreshTarget(message: SipRequest | SipResponse): void {
    const contact = splitList(message.headers.first('Contact') ?? '')[0];
    const uri = contact === undefined ? undefined : parseNameAddress(contact)?.uri;
    if (uri === undefined || uri === '*') return;
    this.#internals.dialogState.remoteTarget = verbatimUri(uri);
    this.flow.renamed();
  }

  /** Acknowledges the 2xx to our INVITE or re-INVITE; the core sends it again for every further copy of the 2xx. */
  ack(content: RequestContent = {}): void {
    this.session.ack(requestOptions(content));
  }

  get reInviting(): boolean {
    return Boolean(this.session.reinviteUserAgentClient ?? this.session.reinviteUserAgentServer);
  }

  reInvite(content: RequestContent, handlers: ReInviteHandlers): void {
    this.session.invite(
      {
        onAccept: (incoming) => {
          const response = receivedIn(incoming);
          if (!response) return;
          this.refreshTarget(response);
          this.ack({ body: handlers.accepted(response) });
          handlers.final(outcomeOf(incoming));
        },
        onRedirect: (incoming) => handlers.final(outcomeOf(incoming)),
        onReject: (incoming) => handlers.final(outcomeOf(incoming)),
      },
      requestOptions(content),
    );
  }

  request(method: string, content: RequestContent, handlers: RequestHandlers): number {
    const message = this.session.createOutgoingRequestMessage(method, requestOptions(content));
    this.host.requests.start(message as OutgoingRequest, {
      final: (outcome) => {
        const { response } = outcome;
        if (response && response.status < 300 && method === 'UPDATE') this.refreshTarget(response);
        handlers.final(outcome);
      },
    });
    return message.cseq;
  }

  bye(content: RequestContent, handlers: RequestHandlers): void {
    this.#internals.ackWait = false;
    const message = this.session.createOutgoingRequestMessage('BYE', requestOptions(content));
    this.host.requests.start(message as OutgoingRequest, handlers);
    this.session.dispose();
  }

  /** Calls back once, when the ACK to the 2xx of the initial INVITE is in. */
  onFirstAck(callback: () => void): void {
    this.#firstAck = callback;
  }

  receiveInvite(request: SipRequest, source: Peer, key: string): void {
    const message = this.host.messages.incomingRequest(request, source, key);
    this.flow.heard(source, request.via);
    if (message.method === 'INVITE') this.flow.renamed();
    this.session.receiveRequest(message);
    if (message.method === 'ACK' && !this.awaitingAck && !this.session.reinviteUserAgentServer) {
      this.#stopRepeating();
      this.#firstAck?.();
      this.#firstAck = undefined;
    }
  }

  receive(request: SipRequest, source: Peer, key: string): RequestServer | undefined {
    const message = this.host.messages.incomingRequest(request, source, key);
    if (!this.#internals.sequenceGuard(message)) return undefined;
    this.flow.heard(source, request.via);
    const dialog = Object.getPrototypeOf(this.host.core.SessionDialog.prototype) as Dialog;
    dialog.receiveRequest.call(this.session, message);
    return this.host.servers.open(request, source, key);
  }

  dispose(): void {
    this.session.dispose();
    // The transactions keep the session for another 32 s: it must not keep the whole call with it. A session
    // without any delegate would send a BYE of its own when the ACK is overdue.
    this.session.delegate = DISPOSED;
    this.#handlers = undefined;
    this.flow.owner = undefined;
    this.session.reinviteUserAgentServer = undefined;
  }

  /** The core lets the repetition of a 2xx run until it next falls due, and forgets its timer for a newer one. */
  #stopRepeating(): void {
    this.host.core.stopTimer(this.#internals.invite2xxTimer);
    this.#internals.invite2xxTimer = undefined;
  }
}

function requestOptions(content: RequestContent): {
  extraHeaders: string[];
  body: ReturnType<typeof coreBody>;
} {
  return { extraHeaders: opaqueLines(content.fields), body: coreBody(content.body) };
}
