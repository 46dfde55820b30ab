import type { OutgoingInviteRequest, UserAgentClient, UserAgentCore } from 'sip.js/lib/core';
import type { HeaderField } from '../message/extra-headers';
import type { SipResponse } from '../message/sip-message';
import { clientKey } from '../transaction/transaction-key';
import type { InviteClient } from '../transaction/user-agent';
import { opaqueLines } from './core-server';

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
