import type { SipDialog } from '../../sip';
import { DialogRequests, type DialogRequestEvents } from './dialog-requests';
import type { Negotiation } from './negotiation';
import type { SipReport } from '../types';

/** The ends of a dialog. */
export interface DialogEnds {
  /** The peer has hung up. */
  bye(sip: SipReport): void;
  /** The dialog has ended without a BYE of the peer. */
  broken(sip: SipReport): void;
}

/** Listens to the dialog of a call. Returns what takes the listeners away again. */
export function watchDialog(
  dialog: SipDialog,
  negotiation: Negotiation,
  events: DialogRequestEvents,
  ends: DialogEnds,
): () => void {
  const requests = new DialogRequests(dialog, negotiation, events);
  const listeners = [
    dialog.on('bye', ({ headers }) => ends.bye({ event: 'bye', headers })),
    dialog.on('modify', (request) => requests.modify(request)),
    dialog.on('request', (request) => requests.handle(request)),
    dialog.on('broken', (reason) => ends.broken({ event: 'broken', reason })),
  ];
  return () => {
    for (const stop of listeners) stop();
  };
}
