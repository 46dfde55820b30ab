import type { InviteUserAgentServer, Session, TransactionState } from 'sip.js/lib/core';
import type { ResponseOptions } from '../message/serialise';
import type { Peer } from '../transport/transport';
import type { CoreDialog } from './core-dialog';
import type { CoreRequest } from './core-messages';
import { CoreServer, replyOptions } from './core-server';

export interface InviteServerHandlers {
  /** CANCEL arrived; its 200 is sent. */
  cancelled(): void;
  /** A response could not be handed to the network. */
  transportFailed(): void;
}

/** Our side of an INVITE that asks for a new call. */
export class InviteServer extends CoreServer {
  handlers: InviteServerHandlers | undefined;

  /** @param dialogOf wraps a session of the core; the same session gives the same dialog */
  constructor(
    protected override readonly uas: InviteUserAgentServer,
    private readonly dialogOf: (session: Session) => CoreDialog,
  ) {
    super(uas);
    uas.delegate = { onTransportError: () => this.handlers?.transportFailed() };
  }

  get source(): Peer {
    return (this.uas.message as CoreRequest).source;
  }

  /** To tag of every response. */
  get toTag(): string {
    return (this.uas as unknown as { toTag: string }).toTag;
  }

  trying(): void {
    if (this.pending) this.uas.trying();
  }

  /** Sends a 101–199. `resend` sends the same once more, for one that asks for PRACK. */
  progress(options: ResponseOptions): { dialog: CoreDialog; resend: () => void } {
    const { session, message } = this.uas.progress(replyOptions(options));
    const { transaction } = this.uas as unknown as { transaction: { send(text: string): Promise<void> } };
    const resend = (): void => {
      // A fault reaches `transportFailed` by way of the transaction.
      if (this.pending) transaction.send(message).catch(() => undefined);
    };
    return { dialog: this.dialogOf(session), resend };
  }

  /** Sends the 2xx, repeats it until its ACK, and returns the dialog. */
  accept(options: ResponseOptions): CoreDialog {
    // The core refuses to send a 2xx without a body; an empty one is written as none.
    const body = options.body ?? { contentType: '', content: '' };
    return this.dialogOf(this.uas.accept(replyOptions({ ...options, body })).session);
  }

  /** Calls back when the transaction is over and absorbs nothing any more. */
  onTerminated(callback: () => void): void {
    const { transaction } = this.uas;
    transaction.addStateChangeListener(() => {
      if (transaction.state === ('Terminated' as TransactionState)) callback();
    });
  }
}
