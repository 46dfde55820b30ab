import type { HeaderField } from '../message/extra-headers';
import type { SipResponse } from '../message/sip-message';
import type { WrittenRequest } from '../message/written-message';
import type { Peer } from '../transport/transport';
import type { MessageBody } from '../types';
import type { CoreDialog } from './core-dialog';
import type { FinalOutcome } from './outcomes';

export interface OutgoingRequestOptions {
  /** Request-URI. */
  target: string;
  /** To, when it is another than the Request-URI. */
  to?: string;
  callId: string;
  fromTag: string;
  cseq: number;
  /** Values of Route. */
  routes?: string[];
  fields?: readonly HeaderField[];
  body?: MessageBody;
  destination: Peer;
}

export interface InviteHandlers {
  /** 101–199; the dialog is absent when the response has no To tag. */
  progress(response: SipResponse, dialog: CoreDialog | undefined): void;
  /** A 2xx of a dialog that none came from before; acknowledges it by `dialog.ack()`. */
  accepted(response: SipResponse, dialog: CoreDialog): void;
  /**
   * A 2xx of another fork, after the first one: must acknowledge it by `agent.ackFork` and end its dialog. This
   * function outlives the call by 32 s, so it should hold on to little.
   */
  readonly endFork: (response: SipResponse) => WrittenRequest;
  failed(outcome: FinalOutcome): void;
}
