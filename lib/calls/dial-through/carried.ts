import { canonicalCodecName, type CodecName } from '../../audio';
import type { CallerIdentity, Headers, Privacy } from '../../sip';
import { callerOf } from '../report/caller';
import { callerIdentity } from '../target/caller';
import type { CallSdp, CallerReport, DialOptions } from '../types';

/** Hops of a request that says nothing (RFC 3261, 8.1.1.6). */
const MAX_FORWARDS = 70;
/** Entries and characters of Diversion that are carried. */
const MAX_DIVERSIONS = 10;
const MAX_DIVERSION = 512;
/** A number that can be the user part of a URI of ours. */
const BARE = /^[^\s<>"@:\\\p{C}]{1,128}$/u;
/** Longest Reason that is carried. */
const MAX_REASON = 256;

/** Parts of the INVITE of the first call that its dial-through looks at. */
export interface FirstInvite {
  readonly headers: Headers;
  /** Whether its sender is known, so that identities which it asserts can be trusted (RFC 3325, 5). */
  readonly trusted: boolean;
}

/**
 * Caller of the second call: what the options say; for each that is blank, what the first call says. The caller is
 * asserted, and earlier diversions are named, only when the options or a known sender vouch for them.
 *
 * @param invite undefined when the first call is one that we have made
 * @param phoneUri gives a number its host
 * @throws SipflowError BAD_CONFIG for an option that is wrong
 */
export function carriedCaller(
  options: Pick<DialOptions, 'from' | 'fromName' | 'privacy'>,
  invite: FirstInvite | undefined,
  phoneUri: string,
): CallerIdentity | undefined {
  const said = callerIdentity(options, phoneUri);
  if (!invite) return said;
  const report = callerOf(invite.headers, invite.trusted);
  const carried = callerIdentity(
    { ...identityIn(report), privacy: privacyIn(report, invite.headers) },
    phoneUri,
  );
  const caller: CallerIdentity = { ...carried, ...said, asserted: said?.uri !== undefined || invite.trusted };
  const diversion = invite.trusted ? diversionsIn(invite.headers) : [];
  return diversion.length === 0 ? caller : { ...caller, diversion };
}

/** Hops that are left for the second call: one fewer than the first one had; negative when it had none left. */
export function hopsLeft(invite: FirstInvite | undefined): number {
  const said = invite?.headers['Max-Forwards']?.[0]?.trim() ?? '';
  return (/^\d{1,3}$/.test(said) ? Math.min(MAX_FORWARDS, Number(said)) : MAX_FORWARDS) - 1;
}

/** Codecs of the first call's peer, in its order: one of them needs no transcoding. */
export function codecsOf({ remote }: CallSdp): CodecName[] {
  return (remote?.codecs ?? []).flatMap(({ name }) => canonicalCodecName(name) ?? []);
}

/** Why the peer has ended a call (RFC 3326), to be told to the other side; empty when it has not said so. */
export function reasonIn(headers: Headers | undefined): { Reason?: string } {
  const reason = headers?.['Reason']?.[0];
  return reason === undefined || reason.length > MAX_REASON ? {} : { Reason: reason };
}

/** Number and name that are asserted by a known sender, else those of From; what cannot be written is left out. */
function identityIn({ number, name, asserted, verified }: CallerReport): { from: string; fromName: string } {
  const caller = verified && asserted ? asserted : { number, name };
  return {
    from: BARE.test(caller.number) ? caller.number : '',
    fromName: caller.name.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim(),
  };
}

function privacyIn({ privacy }: CallerReport, headers: Headers): Privacy | '' {
  const [id, header, user] = ['id', 'header', 'user'].map((level) => privacy.includes(level));
  if (user || (id && header)) return 'full';
  if (id) return 'id';
  if (header) return 'header';
  if (/@anonymous\.invalid\b/i.test(headers['From']?.[0] ?? '')) return 'id';
  return privacy.includes('none') ? 'none' : '';
}

function diversionsIn(headers: Headers): string[] {
  return (headers['Diversion'] ?? [])
    .filter((value) => value.length <= MAX_DIVERSION)
    .slice(0, MAX_DIVERSIONS);
}
