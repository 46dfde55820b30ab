import { hasField, type HeaderField } from '../message/extra-headers';
import { quote, withoutControls } from '../message/header-values';
import type { From } from '../transport/identity';
import type { CallerIdentity, Privacy } from '../types';

/** URI of From while the caller is withheld (RFC 3323, 4.1.1.3). */
export const ANONYMOUS_URI = 'sip:anonymous@anonymous.invalid';

/** The values of Privacy (RFC 3323, 4.2; RFC 3325, 9.3). */
const PRIVACY: Readonly<Record<Privacy, string>> = {
  none: 'none',
  id: 'id',
  header: 'header',
  full: 'header;user;id',
};

/** Caller of an INVITE, when it is not the phone itself. */
export interface InviteCaller {
  readonly from: From;
  /** P-Asserted-Identity, P-Preferred-Identity, Diversion and Privacy, but for those that the flow sets itself. */
  fields(toOwnServer: boolean, extra: readonly HeaderField[]): HeaderField[];
}

/**
 * From, identity and privacy of an INVITE.
 *
 * P-Asserted-Identity names the caller and goes to servers of ours only: no other host may learn of a caller who is
 * withheld (RFC 3325, 7). A server that knows us by an account asserts our identity itself: it gets the same as
 * P-Preferred-Identity too, by which such a phone names which of its numbers it means (RFC 3325, 9.2). A caller whom we
 * do not vouch for is named by From alone.
 *
 * @param phone the phone's own URI and display name, the name escaped
 * @param hasAccount whether the phone has credentials for its servers
 */
export function inviteCaller(
  phone: { readonly uri: string; readonly displayName: string },
  { uri = phone.uri, telUri, displayName, privacy, asserted = true, diversion = [] }: CallerIdentity,
  hasAccount: boolean,
): InviteCaller {
  const withheld = privacy !== undefined && privacy !== 'none';
  const name = displayName === undefined ? phone.displayName : quote(displayName).slice(1, -1);
  const from = withheld
    ? { uri: ANONYMOUS_URI, displayName: 'Anonymous', withheld }
    : { uri, displayName: name, withheld };
  const quoted = name === '' ? '' : `"${name}" `;
  const identity = [uri, ...(telUri === undefined ? [] : [telUri])]
    .map((each) => `${quoted}<${each}>`)
    .join(', ');
  return {
    from,
    fields: (toOwnServer, extra) => {
      const fields: HeaderField[] = [];
      if (toOwnServer) for (const each of diversion) fields.push(['Diversion', withoutControls(each)]);
      if (toOwnServer && asserted) {
        fields.push(['P-Asserted-Identity', identity]);
        if (hasAccount) fields.push(['P-Preferred-Identity', identity]);
      }
      if (privacy !== undefined) fields.push(['Privacy', PRIVACY[privacy]]);
      return fields.filter(([field]) => !hasField(extra, field));
    },
  };
}
