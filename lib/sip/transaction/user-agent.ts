/**
 * The user agent core (RFC 3261, 5), as calls and dialogs see it: INVITE transactions, dialogs, and the way from a
 * received message to them. `core-adapter` implements it; nothing else knows that.
 */
import type { SipflowError } from '../../common';
import type { HeaderField } from '../message/extra-headers';
import type { From } from '../transport/identity';
import type { ResponseOptions } from '../message/serialise';
import type { SipRequest, SipResponse } from '../message/sip-message';
import type { WrittenRequest } from '../message/written-message';
import type { DialogFlow } from '../transport/dialog-flow';
import type { Peer } from '../transport/transport';
import type { MessageBody } from '../types';
import type { FinalOutcome, RequestHandlers } from './outcomes';
import type { RequestServer } from './server-requests';

/** Content of a request of ours, beside the fields that every request has. */
export interface RequestContent {
  fields?: readonly HeaderField[];
  body?: MessageBody;
}

/** A request outside of the dialogs that INVITEs have made. */
export interface NewRequest extends RequestContent {
  /** Request-URI. */
  target: string;
  /** To, when it is another than the Request-URI. */
  to?: string;
  /** From, when it is not the phone itself; the dialog keeps it. */
  from?: From | undefined;
  callId: string;
  fromTag: string;
  /** Of the peer, in a dialog that no INVITE has made. */
  toTag?: string;
  cseq: number;
  /** Values of Route. */
  routes?: string[];
  /** 70 when absent. */
  maxForwards?: number | undefined;
  destination: Peer;
  /**
   * How long the peer may say nothing to a request other than INVITE, milliseconds; as long as the transaction lasts when
   * absent.
   */
  patienceMs?: number | undefined;
}

export interface UserAgent {
  /** Transactions that stand, for tests and statistics. */
  readonly counts: { clients: number; servers: number };

  /** Sends an INVITE that asks for a new dialog. */
  invite(request: NewRequest, handlers: InviteHandlers): InviteClient;

  /** Sends any other request outside of dialogs. */
  request(method: string, request: NewRequest, handlers: RequestHandlers): void;

  /** Acknowledges the 2xx of a fork that has no dialog. */
  ackFork(response: SipResponse): WrittenRequest;

  /** Ends a fork that has no dialog. */
  byeFork(
    response: SipResponse,
    cseq: number,
    fields: readonly HeaderField[],
    handlers: RequestHandlers,
  ): void;

  /** Opens the server transaction of an INVITE that asks for a new dialog; `key` is that of the transaction. */
  openInvite(request: SipRequest, source: Peer, key: string): InviteServer;

  /** Opens the server transaction of any other request outside of dialogs. */
  openServer(request: SipRequest, source: Peer, key: string): RequestServer;

  /**
   * Hands a retransmission, or the ACK to a final non-2xx, to the transaction it belongs to.
   *
   * @returns false when there is no such transaction, or when it has sent a 2xx and the ACK belongs to the dialog
   */
  receiveInTransaction(request: SipRequest, source: Peer, key: string): boolean;

  /** Whether one of our transactions waits for that response. */
  receiveResponse(response: SipResponse): boolean;

  /** Destination of the INVITE with that branch: its CANCEL and its ACK to a non-2xx must follow. */
  inviteDestination(branch: string): Peer | undefined;

  /** The INVITE with that branch took another way than it was made for. */
  redirectInvite(branch: string, destination: Peer): void;

  /** Keeps why a request of ours could not be sent, for the outcome that its handlers get. */
  noteFault(key: string, fault: SipflowError): void;

  /** Ends a request of ours, by the key of its transaction, with a transport error. */
  failRequest(key: string): void;

  /** Forgets every transaction and dialog. */
  reset(): void;
}

/** Events of an INVITE of ours. */
export interface InviteHandlers {
  /** 100: a server has received the INVITE. */
  trying(): void;
  /** 101–199; the dialog is absent when the response has no To tag. */
  progress(response: SipResponse, dialog: AgentDialog | undefined): void;
  /** A 2xx of a dialog that none came from before; acknowledges it by `dialog.ack()`, at once or before it resolves. */
  accepted(response: SipResponse, dialog: AgentDialog): Promise<void> | undefined;
  /**
   * A 2xx of another fork, after the first one: must acknowledge it by `agent.ackFork` and end its dialog. This
   * function outlives the call by 32 s, so it should hold on to little.
   */
  readonly endFork: (response: SipResponse) => WrittenRequest;
  failed(outcome: FinalOutcome): void;
}

/** One INVITE on its way: an attempt of an OutgoingInvite. */
export interface InviteClient {
  /** Sends CANCEL, or keeps it until the first provisional response (RFC 3261, 9.1). */
  cancel(fields?: readonly HeaderField[]): void;
  /** Forgets the transaction: nothing that still arrives for it is answered or reported. */
  dispose(): void;
}

export interface InviteServerHandlers {
  /** CANCEL arrived; its 200 is sent. */
  cancelled(): void;
  /** A response could not be handed to the network. */
  transportFailed(): void;
}

/** End of an INVITE's server transaction. */
export interface InviteLifeCycle {
  /** Its 2xx is acknowledged: the InviteServer is needed no more. */
  retired: () => void;
  /** It absorbs nothing any more. This function outlives the call by 32 s, so it should hold on to little. */
  terminated: () => void;
}

/** Our side of an INVITE that asks for a new call. */
export interface InviteServer extends RequestServer {
  handlers: InviteServerHandlers | undefined;
  readonly source: Peer;
  /** To tag of every response. */
  readonly toTag: string;
  trying(): void;
  /** Sends a 101–199. `resend` sends the same once more, for one that asks for PRACK. */
  progress(options: ResponseOptions): { dialog: AgentDialog; resend: () => void };
  /** Sends the 2xx, repeats it until its ACK, and returns the dialog. */
  accept(options: ResponseOptions): AgentDialog;
  /** Sets who hears of the end of the transaction. */
  follow(lifeCycle: InviteLifeCycle): void;
}

/** Our side of a re-INVITE. */
export interface ReInviteServer extends RequestServer {
  /** A re-INVITE that takes longer must not be sent again meanwhile. */
  trying(): void;
  /** Calls back once when the transaction is over although its ACK never came. */
  onAckOverdue(callback: () => void): void;
}

export interface ReInviteHandlers extends RequestHandlers {
  /** The 2xx; returns the body of the ACK, when the 2xx carried the offer. */
  accepted(response: SipResponse): MessageBody | undefined;
}

/** Events of a dialog, for its owner. */
export interface AgentDialogHandlers {
  /** The ACK to our 2xx of the initial INVITE or of a re-INVITE. */
  acknowledged(ack: SipRequest): void;
  /** The ACK to our 2xx of the initial INVITE did not come within 64·T1. */
  ackOverdue(): void;
  /** Our ACK could not be sent. */
  ackFailed(fault: SipflowError): void;
  /** A re-INVITE that may be answered: glare is dealt with already. */
  reInvite(server: ReInviteServer): void;
}

/** A dialog of the core, early or confirmed: tags, targets, route set and sequence numbers (RFC 3261, 12). */
export interface AgentDialog {
  /** Flow that the peer's messages come over. */
  readonly flow: DialogFlow;
  /** Call-ID, local tag and remote tag in one string. */
  readonly id: string;
  readonly callId: string;
  readonly localTag: string;
  /** Empty when the peer has none (RFC 2543; RFC 3261, 12.1.2). */
  readonly remoteTag: string;
  /** Request-URI of our requests in this dialog. */
  readonly remoteTarget: string;
  /** First Route of our requests in this dialog; undefined when they go straight to the remote target. */
  readonly firstRoute: string | undefined;
  /** Whether our 2xx still waits for its ACK: until then no BYE may be sent (RFC 3261, 15). */
  readonly awaitingAck: boolean;
  /** Whether a re-INVITE of either side is not through yet: then no other may be sent. */
  readonly reInviting: boolean;

  /** Sets who hears of this dialog from now on. */
  listen(handlers: AgentDialogHandlers): void;

  /** Takes the remote target from a 2xx (or a request) that refreshes it (RFC 3261, 12.2.1.2). */
  refreshTarget(message: SipRequest | SipResponse): void;

  /** Acknowledges the 2xx to our INVITE or re-INVITE, and every further copy of that 2xx. */
  ack(content?: RequestContent): void;

  /** Sends a re-INVITE and acknowledges its 2xx. Not while `reInviting` or `awaitingAck`. */
  reInvite(content: RequestContent, handlers: ReInviteHandlers): void;

  /** Sends any other request and returns its CSeq. */
  request(method: string, content: RequestContent, handlers: RequestHandlers): number;

  /** Sends BYE and leaves the list of dialogs. Not while `awaitingAck`, unless forced. */
  bye(content: RequestContent, handlers: RequestHandlers): void;

  /** Hands over an ACK or a re-INVITE; what comes of it is told to the handlers. */
  receiveInvite(request: SipRequest, source: Peer, key: string): void;

  /**
   * Opens the server transaction of any other request.
   *
   * @returns undefined when it was out of order and is answered 500 already
   */
  receive(request: SipRequest, source: Peer, key: string): RequestServer | undefined;

  dispose(): void;
}
