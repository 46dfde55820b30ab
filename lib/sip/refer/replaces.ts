import type { Dialog } from '../dialog/dialog';
import { parseParameters } from '../message/header-values';
import type { SipRequest } from '../message/sip-message';

/** Names the missing tag of a peer of RFC 2543 (RFC 3891, 3). */
const NULL_TAG = '0';

/** Names one dialog in a Replaces header, with the tags as its receiver sees them (RFC 3891, 6.1). */
export interface Replaces {
  callId: string;
  /** Tag of the side that receives the Replaces; `0` stands for none. */
  toTag: string;
  /** Tag of that side's peer; `0` stands for none. */
  fromTag: string;
  /** The dialog may be replaced only while it is not answered. */
  earlyOnly: boolean;
}

/** Reads the value of a Replaces header; undefined when the Call-ID or one of the tags is missing. */
export function parseReplaces(value: string): Replaces | undefined {
  const [callId] = value.split(';', 1);
  const parameters = parseParameters(value);
  const [toTag, fromTag] = [parameters.get('to-tag'), parameters.get('from-tag')];
  if (callId.trim() === '' || /[\s,]/.test(callId.trim()) || !toTag || !fromTag) return undefined;
  return { callId: callId.trim(), toTag, fromTag, earlyOnly: parameters.has('early-only') };
}

/** The value of a Replaces header. */
export function formatReplaces({ callId, toTag, fromTag, earlyOnly }: Replaces): string {
  return `${callId};to-tag=${toTag || NULL_TAG};from-tag=${fromTag || NULL_TAG}${earlyOnly ? ';early-only' : ''}`;
}

/** Match of a Replaces header: a dialog of ours, or the status of the refusal. */
export type ReplacesVerdict = { dialog: Dialog; early: boolean } | { refusal: number };

/**
 * Finds the dialog that an INVITE with Replaces wants to take over (RFC 3891, 3). Undefined when the INVITE has no
 * such header; otherwise the dialog, or the status of the refusal: 400 for a header that cannot be read, 481 for
 * a dialog that is unknown or rings here, 486 when only an early dialog may be replaced and it is answered, 603
 * when it is ending.
 *
 * @param dialogs by Call-ID, local tag and remote tag in one string
 */
export function matchReplaces(
  request: SipRequest,
  dialogs: Pick<ReadonlyMap<string, Dialog>, 'get'>,
): ReplacesVerdict | undefined {
  const values = request.headers.all('Replaces');
  if (values.length === 0) return undefined;
  const replaces = values.length === 1 ? parseReplaces(values[0]) : undefined;
  if (!replaces || request.headers.has('Join')) return { refusal: 400 };
  const { callId, toTag, fromTag } = replaces;
  const named = dialogs.get(callId + toTag + fromTag);
  const dialog = named ?? (fromTag === NULL_TAG ? dialogs.get(callId + toTag) : undefined);
  switch (dialog?.state) {
    case 'early':
      return dialog.isCaller ? { dialog, early: true } : { refusal: 481 };
    case 'confirmed':
      return replaces.earlyOnly ? { refusal: 486 } : { dialog, early: false };
    case 'ending':
    case 'ended':
      return { refusal: 603 };
    default:
      return { refusal: 481 };
  }
}
