import type { RequestServer } from '../transaction/server-requests';
import type { OpenOffer } from './offer-glare';

/** The INVITE that made a dialog, as the dialog sees it. */
export interface DialogOwner {
  /** Whether the INVITE is ours. */
  readonly caller: boolean;
  /** The offer of the INVITE, or the one that answers it, while its answer is due. */
  openOffer(): OpenOffer;
  /** The peer sent BYE in the early dialog; it is answered already. */
  earlyBye?(): void;
  /** PRACK; the owner answers it. Absent: nothing that needs one was ever sent. */
  prack?(server: RequestServer): void;
  /** The dialog is ending; may be called more than once. */
  ended?(): void;
}
