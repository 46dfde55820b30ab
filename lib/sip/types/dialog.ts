import type { Listeners } from '../../common';
import type { FinalOptions } from './invite';
import type { ExtraHeaders, MessageBody, SipRequestInfo, SipResponseInfo } from './message';

export interface AckResult {
  acknowledged: boolean;
  /** Whether the call was ended because nothing came in time; otherwise it has ended for another reason before. */
  overdue?: boolean;
  body?: MessageBody;
}

/**
 * A request inside a dialog that wants our answer. A listener may answer later: a modification within 16·T1 (8 s),
 * any other request within 2·T1 (1 s); then it gets its default answer.
 */
export interface IncomingDialogRequest {
  readonly request: SipRequestInfo;
  /** Whether its sender is a server of ours or a simulated phone, or a caller who has proved to know the password. */
  readonly trusted: boolean;
  /** Sends the answer; every further call does nothing. */
  respond(options: FinalOptions): void;
  /** For a re-INVITE answered with 2xx: resolves with its ACK. For anything else: when the answer is sent. */
  readonly acknowledged: Promise<AckResult>;
}

export interface DialogEvents {
  /** The peer's BYE; 200 is already sent. */
  bye: [request: SipRequestInfo];
  /** re-INVITE or UPDATE with or without an offer. Unanswered by a listener, it gets 488. */
  modify: [request: IncomingDialogRequest];
  /** INFO, MESSAGE, REFER, NOTIFY, OPTIONS in the dialog. Unanswered by a listener, it gets its default answer. */
  request: [request: IncomingDialogRequest];
  /**
   * The dialog broke: 408/481 to our request, ACK never came, transport gone. A BYE was attempted where it makes
   * sense.
   */
  broken: [reason: string];
}

export interface DialogRequestOptions {
  headers?: ExtraHeaders;
  body?: MessageBody;
  /** For a re-INVITE without a body: gives the ACK its body when the 2xx carried the offer. */
  answerLateOffer?(response: SipResponseInfo): MessageBody | undefined;
  /** Called with the CSeq of each attempt, which differs when the request was challenged. Not for INVITE. */
  onSent?(cseq: number): void;
}

export interface SipDialog {
  on<K extends keyof DialogEvents>(event: K, listener: (...args: DialogEvents[K]) => void): () => void;
  /** Adds an object whose methods are listeners; the function that is returned takes it away. */
  onEach(listeners: Listeners<DialogEvents>): () => void;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** The peer's Contact: where requests of this dialog go. */
  readonly remoteTarget: string;
  /** Sends BYE; resolves with its final response, or after 64·T1 at the latest. Never rejects. Idempotent. */
  bye(headers?: ExtraHeaders): Promise<void>;
  /**
   * Sends a request in the dialog and resolves with the final response. A re-INVITE waits until another one in the
   * dialog is through. Made up locally: 408 and 503; 481 when the dialog has ended. Rejects with BAD_CONFIG for a
   * header that SIPFLOW itself sets.
   */
  request(method: string, options?: DialogRequestOptions): Promise<SipResponseInfo>;
}
