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

/** What becomes of an INVITE's server transaction. */
export interface InviteLifeCycle {
  /** Its 2xx is acknowledged: the InviteServer is needed no more. */
  retired: () => void;
  /** It absorbs nothing any more. This function outlives the call by 32 s, so it should hold on to little. */
  terminated: () => void;
}

/** What an InviteServer needs of the agent around it. */
export interface InviteServerHost {
  /** Wraps a session of the core; the same session gives the same dialog. */
  dialogOf(session: Session): CoreDialog;
  /** Takes the transaction from the core and absorbs its copies; calls back when it would have terminated. */
  retire(terminated: () => void): void;
}

/** Our side of an INVITE that asks for a new call. */
export class InviteServer extends CoreServer {
  handlers: InviteServerHandlers | undefined;
  #lifeCycle: InviteLifeCycle | undefined;

  constructor(
    protected override readonly uas: InviteUserAgentServer,
    private readonly host: InviteServerHost,
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
    return { dialog: this.host.dialogOf(session), resend };
  }

  /** Sends the 2xx, repeats it until its ACK, and returns the dialog. */
  accept(options: ResponseOptions): CoreDialog {
    // The core refuses to send a 2xx without a body; an empty one is written as none.
    const body = options.body ?? { contentType: '', content: '' };
    const dialog = this.host.dialogOf(this.uas.accept(replyOptions({ ...options, body })).session);
    dialog.onFirstAck(() => this.#retire());
    return dialog;
  }

  /** Sets who hears of the end of the transaction. */
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
