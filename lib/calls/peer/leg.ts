import type { ExtraHeaders, SipDialog } from '../../sip';

/** Why a call ends, as the finaliser and the tombstone need to know it. */
export interface EndCause {
  by: 'local' | 'remote' | 'error';
  status?: number;
  reason?: string;
  /** Headers that a flow adds to the BYE. */
  headers?: ExtraHeaders;
}

/** The signalling side of one call, whichever way it was set up. */
export interface Leg {
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  /** Present once the call is answered. */
  readonly dialog: SipDialog | undefined;
  /** Whether we sent the INVITE, and so chose the Call-ID. */
  readonly initiator: boolean;
  /** Whether a dialog, early or confirmed, is one of this leg. */
  owns(dialog: SipDialog): boolean;
  /**
   * Ends the signalling as its state demands: BYE, CANCEL or a final response.
   * Resolves when the peer has answered or given up; never rejects.
   */
  end(cause: EndCause): Promise<void>;
  /**
   * Stops listening to signalling, once the call is over: transactions outlive their call by 32 s, and would
   * keep the memory of the call for as long.
   */
  release(): void;
}
