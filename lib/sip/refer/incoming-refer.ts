import { parseNameAddress } from '../message/header-values';
import type { FinalOptions, IncomingDialogRequest, SipDialog } from '../types';
import { ReferNotifier } from './refer-notifier';
import { isReferTo, parseReferTo, type ReferTarget } from './refer-to';

/** A REFER of the peer: it asks us to call another target. */
export interface IncomingRefer {
  readonly target: ReferTarget;
  /** URI of who asks, when it says so (RFC 3892). */
  readonly referredBy: string | undefined;
  /** The value of Referred-By for our INVITE. */
  readonly referredByField: string | undefined;
  /** Answers 202 and says that the new call is tried; what comes of it is told to the notifier. */
  accept(): ReferNotifier;
  reject(options: FinalOptions): void;
}

/**
 * Reads a REFER inside a dialog. Undefined when it was answered already, because it asks for nothing that can be
 * done: 400 without exactly one Refer-To (RFC 3515, 2.4.2) or when that is no URI, 403 for a target that cannot be
 * called.
 */
export function readRefer(dialog: SipDialog, incoming: IncomingDialogRequest): IncomingRefer | undefined {
  const { headers } = incoming.request;
  const referTo = headers['Refer-To'] ?? [];
  if (referTo.length !== 1) {
    incoming.respond({ status: 400, reason: 'Exactly One Refer-To Needed' });
    return undefined;
  }
  const target = parseReferTo(referTo[0]);
  if (!target) {
    const refusal = isReferTo(referTo[0])
      ? { status: 403, reason: 'Refer-To Not Callable' }
      : { status: 400, reason: 'Malformed Refer-To' };
    incoming.respond(refusal);
    return undefined;
  }
  const referredByField = headers['Referred-By']?.[0];
  const subscribed = headers['Refer-Sub']?.[0]?.trim().toLowerCase() !== 'false';
  const cseq = Number.parseInt(headers['CSeq']?.[0] ?? '', 10);
  return {
    target,
    referredBy: referredByField === undefined ? undefined : parseNameAddress(referredByField)?.uri,
    referredByField,
    accept: () => {
      incoming.respond({ status: 202, ...(subscribed ? {} : { headers: { 'Refer-Sub': 'false' } }) });
      const notifier = new ReferNotifier(subscribed ? dialog : undefined, cseq);
      notifier.report({ status: 100, reason: 'Trying' });
      return notifier;
    },
    reject: (options) => incoming.respond(options),
  };
}
