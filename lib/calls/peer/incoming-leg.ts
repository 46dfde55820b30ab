import type {
  AckResult,
  ExtraHeaders,
  FinalOptions,
  IncomingInvite,
  ProvisionalOptions,
  SipDialog,
} from '../../sip';
import type { EndCause, Leg } from './leg';

const SDP = 'application/sdp';

/** The INVITE that reached us, and after the answer its dialog. */
export class IncomingLeg implements Leg {
  readonly initiator = false;
  #dialog: SipDialog | undefined;
  #finished = false;

  #stopListening: (() => void) | undefined;

  /**
   * @param onCancelled the caller gave up; nothing is left to be sent
   * @param onEarly our first provisional response has made a dialog
   */
  constructor(
    readonly invite: IncomingInvite,
    onCancelled: () => void,
    onEarly: (dialog: SipDialog) => void = () => undefined,
  ) {
    this.#stopListening = invite.onEach({
      early: onEarly,
      cancelled: () => {
        this.#finished = true;
        onCancelled();
      },
    });
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

  /** The caller's offer; undefined when it wants ours in the 2xx (late offer). */
  get offer(): string | undefined {
    return this.invite.request.body?.content;
  }

  /** Whether the caller can be made an offer before the answer. */
  get supportsPrack(): boolean {
    return this.invite.supportsPrack;
  }

  progress(options: Omit<ProvisionalOptions, 'body'>, sdp?: string): void {
    this.invite.progress({
      ...options,
      ...(sdp === undefined ? {} : { body: { contentType: SDP, content: sdp } }),
    });
  }

  /** @param sdp undefined when offer and answer are complete, the offer being ours */
  accept(
    sdp: string | undefined,
    headers?: ExtraHeaders,
  ): { dialog: SipDialog; acknowledged: Promise<AckResult> } {
    const accepted = this.invite.accept({
      ...(sdp === undefined ? {} : { body: { contentType: SDP, content: sdp } }),
      ...(headers ? { headers } : {}),
    });
    this.#dialog = accepted.dialog;
    this.release();
    return accepted;
  }

  reject(options: FinalOptions): void {
    this.#finished = true;
    this.invite.reject(options);
  }

  async end(cause: EndCause): Promise<void> {
    if (this.#dialog) return this.#dialog.bye(cause.headers);
    if (!this.#finished) this.reject({ status: 480, ...(cause.headers ? { headers: cause.headers } : {}) });
  }

  owns(dialog: SipDialog): boolean {
    return dialog === this.#dialog;
  }

  /** Stops listening to the INVITE, which has nothing more to say once it is answered. */
  release(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }
}
