import type { SipContext } from '../dialog/context';
import type { Dialog } from '../dialog/dialog';
import type { HeaderField } from '../message/extra-headers';
import type { ResponseOptions } from '../message/serialise';
import type { SipRequest } from '../message/sip-message';
import { matchReplaces } from '../refer/replaces';
import { judge } from '../session-timer';

/** Dialog that an INVITE replaces (RFC 3891). */
export type Replaced = { readonly dialog: Dialog; readonly early: boolean } | undefined;

/** Whether an INVITE becomes a call, and whose place it takes there. */
export type Admission = { replaces: Replaced } | { refusal: ResponseOptions };

/**
 * Decides about an INVITE that opens a dialog: a session interval below our minimum is refused with 422 (RFC 4028, 9),
 * a Replaces that names nothing replaceable with 400, 481, 486 or 603 (RFC 3891, 3). Nothing is kept of what is
 * refused.
 */
export function admit(
  request: SipRequest,
  { sessionPolicy, dialogs }: Pick<SipContext, 'sessionPolicy' | 'dialogs'>,
): Admission {
  const refused = (status: number, fields: readonly HeaderField[] = []): Admission => ({
    refusal: { status, fields },
  });
  // Only an interval that was asked for can be too short.
  const session = request.headers.has('Session-Expires') && judge(sessionPolicy, request.toInfo().headers);
  if (session && session.kind === 'reject') return refused(session.status, session.headers);
  const replaces = matchReplaces(request, dialogs);
  return replaces && 'refusal' in replaces ? refused(replaces.refusal) : { replaces };
}
