import type { OutgoingInviteRequest, UserAgentCore } from 'sip.js/lib/core';
import { clientKey } from '../reliability/transaction-key';
import type { HeaderField } from '../message/extra-headers';
import { opaqueLines } from './core-server';

/** One INVITE on its way: an attempt of an OutgoingInvite. */
export class InviteClient {
  constructor(
    private readonly core: UserAgentCore,
    private readonly request: OutgoingInviteRequest,
  ) {}

  get cseq(): number {
    return this.request.message.cseq;
  }

  /** Sends CANCEL, or keeps it until the first provisional response (RFC 3261, 9.1). */
  cancel(fields: readonly HeaderField[] = []): void {
    this.request.cancel(undefined, { extraHeaders: opaqueLines(fields) });
  }

  /** Forgets the transaction: nothing that still arrives for it is answered or reported. */
  dispose(): void {
    this.request.dispose();
    const { branch } = this.request.message;
    if (branch !== undefined) this.core.userAgentClients.delete(clientKey(branch, 'INVITE'));
  }
}
