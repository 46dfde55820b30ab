import type { Clock } from '../../common';
import type { IncomingInvite, SipDialog } from '../../sip';
import { IncomingLeg } from '../peer/incoming-leg';
import type { Negotiation } from '../peer/negotiation';
import { refusal } from '../peer/offer-refusal';

/** The new leg of a call whose peer was replaced. */
export interface Takeover {
  leg: IncomingLeg;
  dialog: SipDialog;
}

/**
 * Answers an INVITE with Replaces for a call of ours (RFC 3891, 3) with a negotiation on the ports of that call.
 *
 * @returns undefined when the offer cannot be accepted; it is refused then, and the call stands as it was
 */
export function answerTakeover(invite: IncomingInvite, negotiation: Negotiation): Takeover | undefined {
  const leg = new IncomingLeg(invite, () => undefined);
  negotiation.advertise(invite.seenAs);
  if (leg.offer === undefined) {
    const { dialog, acknowledged } = leg.accept(negotiation.offer());
    void acknowledged.then(async ({ body }) => {
      await negotiation.lookUp(body?.content);
      if (body) negotiation.complete(body.content);
    });
    return { leg, dialog };
  }
  const result = negotiation.answer(leg.offer);
  if (!result.ok) {
    leg.reject(refusal(result));
    leg.release();
    return undefined;
  }
  const { dialog } = leg.accept(result.answer);
  result.open();
  return { leg, dialog };
}

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
