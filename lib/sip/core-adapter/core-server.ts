import type { SessionDialog, TransactionState, UserAgentServer } from 'sip.js/lib/core';
import type { HeaderField } from '../message/extra-headers';
import type { ResponseOptions } from '../message/serialise';
import type { SipRequest } from '../message/sip-message';
import type { RequestServer } from '../transaction/server-requests';
import type { ReInviteServer } from '../transaction/user-agent';
import { coreBody, type CoreRequest } from './core-messages';

/** Options of the core's `reply` and its relatives. */
interface ReplyOptions {
  statusCode: number;
  reasonPhrase?: string;
  extraHeaders: string[];
  body?: ReturnType<typeof coreBody>;
}

/** A `RequestServer` over a server transaction of the core. */
export class CoreServer implements RequestServer {
  constructor(protected readonly uas: UserAgentServer) {}

  get request(): SipRequest {
    return (this.uas.message as CoreRequest).received;
  }

  get pending(): boolean {
    return (this.uas as unknown as { acceptable: boolean }).acceptable;
  }

  respond(options: ResponseOptions): void {
    if (this.pending) reply(this.uas, options);
  }
}

/** A `ReInviteServer` over a server transaction of the core. */
export class CoreReInviteServer extends CoreServer implements ReInviteServer {
  /** @param stopRepeating ends the repetition of an earlier 2xx, which the core would keep up beside the new one */
  constructor(
    uas: UserAgentServer & { accept(options: ReplyOptions): unknown },
    private readonly session: SessionDialog,
    private readonly stopRepeating: () => void,
  ) {
    super(uas);
  }

  trying(): void {
    if (this.pending) this.uas.trying();
  }

  override respond(options: ResponseOptions): void {
    if (!this.pending) return;
    if (options.status < 300) {
      this.stopRepeating();
      this.uas.accept(replyOptions(options));
      return;
    }
    this.session.signalingStateRollback();
    this.session.reinviteUserAgentServer = undefined;
    reply(this.uas, options);
  }

  onAckOverdue(callback: () => void): void {
    const { transaction } = this.uas;
    transaction.addStateChangeListener(() => {
      if (transaction.state !== ('Terminated' as TransactionState)) return;
      if (this.session.reinviteUserAgentServer !== (this.uas as unknown)) return;
      // The core would answer 500 to every later re-INVITE of this dialog.
      this.session.reinviteUserAgentServer = undefined;
      callback();
    });
  }
}

/** Sends a response through the transaction, whatever its class. */
export function reply(uas: UserAgentServer, options: ResponseOptions): void {
  const internals = uas as unknown as { reply(options: ReplyOptions): unknown };
  internals.reply(replyOptions(options));
}

export function replyOptions(options: ResponseOptions): ReplyOptions {
  return {
    statusCode: options.status,
    reasonPhrase: options.reason,
    extraHeaders: opaqueLines(options.fields),
    body: coreBody(options.body),
  };
}

/**
 * Header fields in the guise of lines: the core only appends its own, and `headerField` and
 * `makeOutgoingRequestMessage` get them back.
 */
export function opaqueLines(fields: readonly HeaderField[] = []): string[] {
  return fields as unknown as string[];
}

/** A field of ours that the core has carried, or a line that it has added. */
export function headerField(line: string | HeaderField): HeaderField {
  if (typeof line !== 'string') return line;
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
