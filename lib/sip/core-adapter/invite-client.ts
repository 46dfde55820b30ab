import type {
  IncomingResponse,
  OutgoingInviteRequest,
  OutgoingInviteRequestDelegate,
  Session,
  UserAgentClient,
  UserAgentCore,
} from 'sip.js/lib/core';
import type { HeaderField } from '../message/extra-headers';
import type { SipResponse } from '../message/sip-message';
import { clientKey } from '../transaction/transaction-key';
import type { InviteClient, InviteHandlers } from '../transaction/user-agent';
import { DialogFlow } from '../transport/dialog-flow';
import type { Peer } from '../transport/transport';
import type { CoreDialog } from './core-dialog';
import { outcomeOf, receivedIn } from './core-outcome';
import { opaqueLines } from './core-server';
import type { OutgoingRequest } from './outgoing-request';

/** Early dialogs that one INVITE may have at the same time; provisional responses of further forks are ignored. */
const MAX_EARLY_DIALOGS = 64;

/** Whether a response would open one early dialog too many of an INVITE. */
export function isBeyondLimit(
  client: UserAgentClient,
  { status, callId, fromTag, toTag }: SipResponse,
): boolean {
  if (status <= 100 || status >= 200 || toTag === undefined) return false;
  // The core's type declarations hide them.
  const { earlyDialogs } = client as unknown as { earlyDialogs: ReadonlyMap<string, unknown> };
  if (earlyDialogs.size < MAX_EARLY_DIALOGS) return false;
  return !earlyDialogs.has(`${callId}${fromTag ?? ''}${toTag}`);
}

/** An `InviteClient` over a client transaction of the core. */
export class CoreInviteClient implements InviteClient {
  constructor(
    private readonly core: UserAgentCore,
    private readonly request: OutgoingInviteRequest,
  ) {}

  cancel(fields: readonly HeaderField[] = []): void {
    this.request.cancel(undefined, { extraHeaders: opaqueLines(fields) });
  }

  dispose(): void {
    this.request.dispose();
    const { branch } = this.request.message;
    if (branch !== undefined) this.core.userAgentClients.delete(clientKey(branch, 'INVITE'));
  }
}

/** Agent around the INVITEs. */
export interface CoreInviteHost {
  /** Wraps a session of the core, with that flow when it has none yet. */
  dialogOf(session: Session, flow: () => DialogFlow): CoreDialog;
  /** The ACK to a 2xx has left: takes over from the transaction. */
  retireInvite(invite: OutgoingRequest, response: SipResponse, handlers: InviteHandlers): void;
}

/** Hears of the responses to one INVITE from the core, and tells the handlers in our terms. */
export class InviteResponses implements OutgoingInviteRequestDelegate {
  constructor(
    private readonly host: CoreInviteHost,
    private readonly message: OutgoingRequest,
    private readonly destination: Peer,
    private readonly handlers: InviteHandlers,
  ) {}

  onTrying(incoming: IncomingResponse): void {
    const response = receivedIn(incoming);
    // A 1xx without a To tag is handed to the core as a 100, see `receiveResponse`.
    if (response && response.status > 100) this.handlers.progress(response, undefined);
    else this.handlers.trying();
  }

  onProgress(incoming: IncomingResponse & { readonly session: Session }): void {
    const response = receivedIn(incoming);
    if (response) this.handlers.progress(response, this.#dialogOf(incoming.session, response));
  }

  onAccept(incoming: IncomingResponse & { readonly session: Session }): void {
    const response = receivedIn(incoming);
    if (!response) return;
    const dialog = this.#dialogOf(incoming.session, response);
    // The core keeps the target of the 18x.
    dialog.refreshTarget(response);
    const acknowledging = this.handlers.accepted(response, dialog);
    if (acknowledging) void acknowledging.then(() => this.#retire(response));
    else this.#retire(response);
  }

  onRedirect(incoming: IncomingResponse): void {
    this.handlers.failed(outcomeOf(incoming));
  }

  onReject(incoming: IncomingResponse): void {
    this.handlers.failed(outcomeOf(incoming, this.message));
  }

  #dialogOf(session: Session, { source = this.destination }: SipResponse): CoreDialog {
    const dialog = this.host.dialogOf(session, () => new DialogFlow(source, true));
    dialog.flow.heard(source);
    return dialog;
  }

  #retire(response: SipResponse): void {
    this.host.retireInvite(this.message, response, this.handlers);
  }
}
