import type { IncomingDialogRequest, SipDialog } from '../sip/types';
import { DialogRequests } from './dialog-requests';
import type { Negotiation } from './negotiation';
import type { DigitEvent, SipReport, TextMessage } from './types';

/** What a call wants to hear of its dialog. */
export interface DialogWatcher {
  /** A digit by INFO. */
  digit(digit: DigitEvent): void;
  /** Whether the peer holds us from now on. */
  held(held: boolean): void;
  /** REFER; the watcher answers it. */
  referred(dialog: SipDialog, request: IncomingDialogRequest): void;
  message(message: TextMessage): void;
  /** The peer has hung up. */
  bye(sip: SipReport): void;
  /** The dialog has ended without a BYE of the peer. */
  broken(sip: SipReport): void;
  /** Milliseconds since the call's media began. */
  mediaClock(): number;
}

/** Listens to the dialog of a call. Returns what takes the listeners away again. */
export function watchDialog(dialog: SipDialog, negotiation: Negotiation, watcher: DialogWatcher): () => void {
  const requests = new DialogRequests(negotiation, {
    onDigit: (digit) => watcher.digit(digit),
    onHold: (held) => watcher.held(held),
    onRefer: (incoming) => watcher.referred(dialog, incoming),
    onMessage: (message) => watcher.message(message),
    mediaClock: () => watcher.mediaClock(),
  });
  const listeners = [
    dialog.on('bye', ({ headers }) => watcher.bye({ event: 'bye', headers })),
    dialog.on('modify', (request) => requests.modify(request)),
    dialog.on('request', (request) => requests.handle(request)),
    dialog.on('broken', (reason) => watcher.broken({ event: 'broken', reason })),
  ];
  return () => {
    for (const stop of listeners) stop();
  };
}
