import type { Dialog, SessionDialog } from 'sip.js/lib/core';
import type { HeaderField } from '../message/extra-headers';
import { parseNameAddress, splitList } from '../message/header-values';
import type { SipRequest, SipResponse } from '../message/sip-message';
import type { SipflowError } from '../../common';
import type { ClientRequests } from '../transaction/client-requests';
import type { RequestServer, ServerRequests } from '../transaction/server-requests';
import type { DialogFlow } from '../transport/dialog-flow';
import type { MessageBody } from '../types';
import type { CoreModule } from './core-module';
import { coreBody, verbatimUri, type CoreRequest } from './core-messages';
import { opaqueLines, ReInviteServer } from './core-server';
import { NO_TAG } from './no-tag';
import type { OutgoingRequest } from './outgoing-request';
import { outcomeOf, receivedIn, type RequestHandlers } from './outcomes';

export interface DialogRequestOptions {
  fields?: readonly HeaderField[];
  body?: MessageBody;
}

export interface ReInviteHandlers extends RequestHandlers {
  /** The 2xx; returns the body of the ACK, when the 2xx carried the offer. */
  accepted(response: SipResponse): MessageBody | undefined;
}

/** What the owner of a dialog hears of it. */
export interface CoreDialogHandlers {
  /** The ACK to our 2xx of the initial INVITE or of a re-INVITE. */
  acknowledged(ack: SipRequest): void;
  /** The ACK to our 2xx of the initial INVITE did not come within 64·T1. */
  ackOverdue(): void;
  /** Our ACK could not be sent. */
  ackFailed(fault: SipflowError): void;
  /** A re-INVITE that may be answered: glare is dealt with already. */
  reInvite(server: ReInviteServer): void;
}

/** Members of the core's dialog that its type declarations hide. */
interface DialogInternals {
  invite2xxTimer: unknown;
  ackWait: boolean;
  dialogState: { remoteTarget: unknown };
  sequenceGuard(message: CoreRequest): boolean;
}

/** Where a session keeps its wrapper: weak maps of this size cost the garbage collector a scan each time. */
export const WRAPPER = Symbol('wrapper');

const DISPOSED: SessionDialog['delegate'] = { onAckTimeout: () => undefined };

/** A dialog of the core, early or confirmed, in our terms. */
export class CoreDialog {
  readonly #internals: DialogInternals;
  #firstAck: (() => void) | undefined;

  constructor(
    private readonly core: CoreModule,
    private readonly session: SessionDialog,
    private readonly requests: ClientRequests<OutgoingRequest>,
    private readonly servers: ServerRequests,
    /** Where the peer's messages come from. */
    readonly flow: DialogFlow,
  ) {
    this.#internals = session as unknown as DialogInternals;
  }

  /** Call-ID, local tag and remote tag in one string. */
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

  /** Empty when the peer has none (RFC 2543; RFC 3261, 12.1.2). */
  get remoteTag(): string {
    const { remoteTag } = this.session;
    return remoteTag === NO_TAG ? '' : remoteTag;
  }

  /** Request-URI of our requests in this dialog. */
  get remoteTarget(): string {
    return this.session.remoteTarget.toString();
  }

  /** First Route of our requests in this dialog; undefined when they go straight to the remote target. */
  get firstRoute(): string | undefined {
    return this.session.routeSet[0];
  }

  /** Whether our 2xx still waits for its ACK: until then no BYE may be sent (RFC 3261, 15). */
  get awaitingAck(): boolean {
    return this.#internals.ackWait;
  }

  /** Sets who hears of this dialog from now on. */
  listen(handlers: CoreDialogHandlers): void {
    this.flow.owner = handlers;
    this.session.delegate = {
      onAck: ({ message }) => handlers.acknowledged((message as CoreRequest).received),
      onAckTimeout: () => handlers.ackOverdue(),
      onInvite: (request) => {
        const uas = request as unknown as ConstructorParameters<typeof ReInviteServer>[0];
        const server = new ReInviteServer(uas, this.session, () => this.#stopRepeating());
        handlers.reInvite(server);
      },
    };
  }

  /** Takes the remote target from a 2xx (or a request) that refreshes it (RFC 3261, 12.2.1.2). */
  refreshTarget(message: SipRequest | SipResponse): void {
    const contact = splitList(message.headers.first('Contact') ?? '')[0];
    const uri = contact === undefined ? undefined : parseNameAddress(contact)?.uri;
    if (uri === undefined || uri === '*') return;
    this.#internals.dialogState.remoteTarget = verbatimUri(uri);
    this.flow.renamed();
  }

  /** Acknowledges the 2xx to our INVITE or re-INVITE; the core sends it again for every further copy of the 2xx. */
  ack(options: DialogRequestOptions = {}): void {
    this.session.ack(requestOptions(options));
  }

  /** Whether a re-INVITE of either side is not through yet: then no other may be sent. */
  get reInviting(): boolean {
    return Boolean(this.session.reinviteUserAgentClient ?? this.session.reinviteUserAgentServer);
  }

  /** Sends a re-INVITE and acknowledges its 2xx. Not while `reInviting` or `awaitingAck`. */
  reInvite(options: DialogRequestOptions, handlers: ReInviteHandlers): void {
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
      requestOptions(options),
    );
  }

  /** Sends any other request and returns its CSeq. */
  request(method: string, options: DialogRequestOptions, handlers: RequestHandlers): number {
    const message = this.session.createOutgoingRequestMessage(method, requestOptions(options));
    this.requests.start(message as OutgoingRequest, {
      final: (outcome) => {
        const { response } = outcome;
        if (response && response.status < 300 && method === 'UPDATE') this.refreshTarget(response);
        handlers.final(outcome);
      },
    });
    return message.cseq;
  }

  /** Sends BYE and leaves the core's list of dialogs. Not while `awaitingAck`, unless forced. */
  bye(options: DialogRequestOptions, handlers: RequestHandlers): void {
    this.#internals.ackWait = false;
    const message = this.session.createOutgoingRequestMessage('BYE', requestOptions(options));
    this.requests.start(message as OutgoingRequest, handlers);
    this.session.dispose();
  }

  /** Calls back once, when the ACK to the 2xx of the initial INVITE is in. */
  onFirstAck(callback: () => void): void {
    this.#firstAck = callback;
  }

  /** Hands over an ACK or a re-INVITE; what comes of it is told to the handlers. */
  receiveInvite(message: CoreRequest): void {
    this.flow.heard(message.source, message.received.via);
    if (message.method === 'INVITE') this.flow.renamed();
    this.session.receiveRequest(message);
    if (message.method === 'ACK' && !this.awaitingAck && !this.session.reinviteUserAgentServer) {
      this.#stopRepeating();
      this.#firstAck?.();
      this.#firstAck = undefined;
    }
  }

  /**
   * Opens the server transaction of any other request.
   *
   * @returns undefined when it was out of order and is answered 500 already
   */
  receive(message: CoreRequest): RequestServer | undefined {
    if (!this.#internals.sequenceGuard(message)) return undefined;
    this.flow.heard(message.source, message.received.via);
    const dialog = Object.getPrototypeOf(this.core.SessionDialog.prototype) as Dialog;
    dialog.receiveRequest.call(this.session, message);
    return this.servers.open(message.received, message.source, message.viaBranch);
  }

  dispose(): void {
    this.session.dispose();
    // The transactions keep the session for another 32 s: it must not keep the whole call with it. A session
    // without any delegate would send a BYE of its own when the ACK is overdue.
    this.session.delegate = DISPOSED;
    this.flow.owner = undefined;
    this.session.reinviteUserAgentServer = undefined;
  }

  /** The core lets the repetition of a 2xx run until it next falls due, and forgets its timer for a newer one. */
  #stopRepeating(): void {
    this.core.stopTimer(this.#internals.invite2xxTimer);
    this.#internals.invite2xxTimer = undefined;
  }
}

function requestOptions(options: DialogRequestOptions): {
  extraHeaders: string[];
  body: ReturnType<typeof coreBody>;
} {
  return { extraHeaders: opaqueLines(options.fields), body: coreBody(options.body) };
}
