import type { Clock } from '../../common';
import type { SipDialog } from '../../sip';

/** How long the peer may take for its own BYE. */
const GRACE_MS = 2000;

/**
 * Ends a dialog that a call has left behind: the peer is expected to send BYE (RFC 5589, 6.1); when it does not
 * within two seconds after `notified`, we do.
 *
 * @returns ends it at once, for when the call itself ends
 */
export function retire(dialog: SipDialog, notified: Promise<void>, clock: Clock): () => void {
  let timer: ReturnType<Clock['setTimeout']> | undefined;
  let over = false;
  const stop = (): void => {
    over = true;
    clock.clearTimeout(timer);
    for (const each of listeners) each();
  };
  const bye = (): void => {
    if (over) return;
    stop();
    void dialog.bye();
  };
  const listeners = [dialog.on('bye', stop), dialog.on('broken', stop)];
  void notified.then(() => {
    if (!over) timer = clock.setTimeout(bye, GRACE_MS);
  });
  return bye;
}
