import type { InviteUserAgentServer, Session, TransactionState } from 'sip.js/lib/core';
import type { ResponseOptions } from '../message/serialise';
import type { InviteLifeCycle, InviteServer, InviteServerHandlers } from '../transaction/user-agent';
import type { Peer } from '../transport/transport';
import type { CoreDialog } from './core-dialog';
import type { CoreRequest } from './core-messages';
import { CoreServer, replyOptions } from './core-server';

/** Agent around a CoreInviteServer: its dialogs, and the end of its transaction. */
export interface CoreInviteServerHost {
  /** Wraps a session of the core; the same session gives the same dialog. */
  dialogOf(session: Session): CoreDialog;
  /** Takes the transaction from the core and absorbs its copies; calls back when it would have terminated. */
  retire(terminated: () => void): void;
}

/** An `InviteServer` over a server transaction of the core. */
export class CoreInviteServer extends CoreServer implements InviteServer {
  handlers: InviteServerHandlers | undefined;
  #lifeCycle: InviteLifeCycle | undefined;

  constructor(
    protected override readonly uas: InviteUserAgentServer,
    private readonly host: CoreInviteServerHost,
  ) {
    super(uas);
    uas.delegate = { onTransportError: () => this.handlers?.transportFailed() };
  }

  get source(): Peer {
    return (this.uas.message as CoreRequest).source;
  }

  get toTag(): string {
    return (this.uas as unknown as { toTag: string }).toTag;
  }

  trying(): void {
    if (this.pending) this.uas.trying();
  }

  progress(options: ResponseOptions): { dialog: CoreDialog; resend: () => void } {
    const { session, message } = this.uas.progress(replyOptions(options));
    const { transaction } = this.uas as unknown as { transaction: { send(text: string): void } };
    const resend = (): void => {
      // A fault reaches `transportFailed` by way of the transaction.
      if (this.pending) transaction.send(message);
    };
    return { dialog: this.host.dialogOf(session), resend };
  }

  accept(options: ResponseOptions): CoreDialog {
    // The core refuses to send a 2xx without a body; an empty one is written as none.
    const body = options.body ?? { contentType: '', content: '' };
    const dialog = this.host.dialogOf(this.uas.accept(replyOptions({ ...options, body })).session);
    dialog.onFirstAck(() => this.#retire());
    return dialog;
  }

  follow(lifeCycle: InviteLifeCycle): void {
    this.#lifeCycle = lifeCycle;
    const { transaction } = this.uas;
    transaction.addStateChangeListener(() => {
      if (transaction.state === ('Terminated' as TransactionState)) lifeCycle.terminated();
    });
  }

  #retire(): void {
    const lifeCycle = this.#lifeCycle;
    if (!lifeCycle) return;
    this.host.retire(lifeCycle.terminated);
    lifeCycle.retired();
  }
}
