import type { OutgoingInvite, SipDialog, SipResponseInfo } from '../../sip';
import type { EndCause, Leg } from './leg';

/** Events of an outgoing leg, for its call. */
export interface OutgoingLegEvents {
  /** An early dialog, one for each fork. */
  early?(dialog: SipDialog): void;
  progress(response: SipResponseInfo): void;
  answered(response: SipResponseInfo, dialog: SipDialog): void;
  failed(response: SipResponseInfo, origin: 'remote' | 'timeout' | 'transport'): void;
}

/** The INVITE that we sent, and later its dialog. */
export class OutgoingLeg implements Leg {
  readonly initiator = true;
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  #dialog: SipDialog | undefined;
  readonly #final: Promise<void>;
  #stopListening: (() => void) | undefined;

  constructor(
    private readonly invite: OutgoingInvite,
    events: OutgoingLegEvents,
  ) {
    this.callId = invite.callId;
    this.from = invite.from;
    this.to = invite.to;
    this.#final = new Promise((resolve) => {
      this.#stopListening = invite.onEach({
        early: (dialog) => events.early?.(dialog),
        progress: (response) => events.progress(response),
        answered: (response, dialog) => {
          this.#dialog = dialog;
          events.answered(response, dialog);
          resolve();
          this.release();
        },
        failed: (response, origin) => {
          events.failed(response, origin);
          resolve();
          this.release();
        },
      });
    });
  }

  get dialog(): SipDialog | undefined {
    return this.#dialog;
  }

  async end(cause: EndCause): Promise<void> {
    if (this.#dialog) return this.#dialog.bye(cause.headers);
    this.invite.cancel(cause.headers);
    await this.#final;
  }

  owns({ callId, localTag }: SipDialog): boolean {
    return callId === this.callId && localTag === this.invite.localTag;
  }

  /** Stops listening to the INVITE, which has nothing more to say once it is answered or has failed. */
  release(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }
}
