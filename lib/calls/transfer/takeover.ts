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
