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

/** The INVITE that we sent, and later its dialog. Some of its methods are named as the events of an INVITE. */
export class OutgoingLeg implements Leg {
  readonly initiator = true;
  #dialog: SipDialog | undefined;
  #over = false;
  /** Resolves with the final response of the INVITE; made for the first who waits for it. */
  #final: Promise<void> | undefined;
  #whenFinal: (() => void) | undefined;
  #stopListening: (() => void) | undefined;

  constructor(
    private readonly invite: OutgoingInvite,
    private readonly events: OutgoingLegEvents,
  ) {
    const stop = invite.onEach(this);
    // One that cannot be sent may fail at once.
    if (this.#over) stop();
    else this.#stopListening = stop;
  }

  get callId(): string {
    return this.invite.callId;
  }

  get from(): string {
    return this.invite.from;
  }

  get to(): string {
    return this.invite.to;
  }

  get dialog(): SipDialog | undefined {
    return this.#dialog;
  }

  early(dialog: SipDialog): void {
    this.events.early?.(dialog);
  }

  progress(response: SipResponseInfo): void {
    this.events.progress(response);
  }

  answered(response: SipResponseInfo, dialog: SipDialog): void {
    this.#dialog = dialog;
    this.events.answered(response, dialog);
    this.#settle();
  }

  failed(response: SipResponseInfo, origin: 'remote' | 'timeout' | 'transport'): void {
    this.events.failed(response, origin);
    this.#settle();
  }

  end(cause: EndCause): Promise<void> {
    if (this.#dialog) return this.#dialog.bye(cause.headers);
    this.invite.cancel(cause.headers);
    if (this.#over) return Promise.resolve();
    return (this.#final ??= new Promise((resolve) => (this.#whenFinal = resolve)));
  }

  owns({ callId, localTag }: SipDialog): boolean {
    return callId === this.callId && localTag === this.invite.localTag;
  }

  /** Stops listening to the INVITE, which has nothing more to say once it is answered or has failed. */
  release(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #settle(): void {
    this.#over = true;
    this.#whenFinal?.();
    this.release();
  }
}
