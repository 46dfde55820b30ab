import {
  parseNameAddress,
  parseParameters,
  parseSipUri,
  splitList,
  uriParameter,
  userOf,
  withoutControls,
} from '../../sip';
import type { Headers, IncomingInvite } from '../../sip';
import type { AssertedIdentity, CallerReport, CallOrigin, Diversion, SipReport } from '../types';

/** Limits of data from unknown senders: entries of a list, and characters of a text. */
const MAX_ENTRIES = 10;
const MAX_URI = 256;
const MAX_TEXT = 128;

/** Names of diversion reasons by their cause code (RFC 4458, 2). */
const REASONS: Readonly<Record<string, string>> = {
  '302': 'unconditional',
  '404': 'unknown',
  '408': 'no-answer',
  '480': 'deflection',
  '486': 'user-busy',
  '487': 'deflection',
  '503': 'unavailable',
};

/** `msg.sip` of an INVITE that came in: who calls, whom, and by which way round. */
export function reportInvite(event: string, invite: IncomingInvite): SipReport & CallOrigin {
  const { headers } = invite.request;
  return {
    event,
    headers,
    caller: callerOf(headers, invite.trusted),
    called: cut(invite.calledUser, MAX_URI),
    diversion: diversionsOf(headers),
  };
}

/** What a report of an INVITE says about its caller and its way. */
export function originOf({ caller, called, diversion }: SipReport & CallOrigin): CallOrigin {
  return { caller, called, diversion };
}

/**
 * Sender of a request.
 *
 * @param verified whether the sender is known, so that the asserted identity can be trusted (RFC 3325, 5)
 */
export function callerOf(headers: Headers, verified: boolean): CallerReport {
  const { number, name } = partyOf(headers['From']?.[0] ?? '');
  return { number, name, asserted: assertedOf(headers), privacy: privacyOf(headers), verified };
}

/** The identities of P-Asserted-Identity: at most one `sip:` and one `tel:` URI by RFC 3325, 9.1. */
function assertedOf(headers: Headers): AssertedIdentity | null {
  const parties = listOf(headers['P-Asserted-Identity'])
    .map(partyOf)
    .filter(({ uri }) => uri !== '');
  if (parties.length === 0) return null;
  return {
    number: parties.find(({ number }) => number !== '')?.number ?? '',
    name: parties.find(({ name }) => name !== '')?.name ?? '',
    uris: parties.map(({ uri }) => uri),
  };
}

/** Privacy (RFC 3323, 4.2): tokens between semicolons. */
function privacyOf(headers: Headers): string[] {
  return (headers['Privacy'] ?? [])
    .join(';')
    .slice(0, MAX_URI)
    .toLowerCase()
    .split(/[\s;,]+/)
    .filter((token) => /^[a-z-]+$/.test(token))
    .slice(0, MAX_ENTRIES);
}

/** Who has sent the call on, the last one first: by Diversion (RFC 5806), else by History-Info (RFC 7044). */
export function diversionsOf(headers: Headers): Diversion[] {
  const diversions = listOf(headers['Diversion']);
  return diversions.length > 0 ? diversions.map(diversionOf) : historyOf(headers);
}

function diversionOf(value: string): Diversion {
  const { uri, number, name, parameters } = partyOf(value);
  const read = parseParameters(parameters);
  const counter = Number(read.get('counter') ?? NaN);
  return {
    number,
    name,
    uri,
    reason: cut(read.get('reason') ?? 'unknown', MAX_TEXT),
    counter: Number.isSafeInteger(counter) && counter >= 0 ? counter : null,
  };
}

/** Each entry but the last, which is where the call is now, was sent on for the cause that the next one names. */
function historyOf(headers: Headers): Diversion[] {
  const entries = listOf(headers['History-Info']).map(partyOf);
  const diversions = entries.slice(0, -1).map(({ uri, number, name }, index): Diversion => {
    const cause = causeOf(entries[index + 1].uri) ?? reasonIn(uri);
    return {
      number,
      name,
      uri: uri.replace(/\?.*$/, ''),
      reason: (cause !== undefined && REASONS[cause]) || 'unknown',
      counter: null,
    };
  });
  return diversions.reverse();
}

/** `;cause=` in the URI that a call was sent on to (RFC 4458). */
function causeOf(uri: string): string | undefined {
  const parsed = parseSipUri(uri);
  return (parsed && uriParameter(parsed, 'cause')) ?? undefined;
}

/** A Reason that stands in the URI, escaped (RFC 7044, 10.1). */
function reasonIn(uri: string): string | undefined {
  return /[?&]Reason=SIP%3B(?:\w+%3D\w+%3B)*cause%3D(\d{3})/i.exec(uri)?.[1];
}

interface Party {
  uri: string;
  number: string;
  name: string;
  parameters: string;
}

function partyOf(value: string): Party {
  const parsed = parseNameAddress(value);
  if (!parsed) return { uri: '', number: '', name: '', parameters: '' };
  const uri = parseSipUri(parsed.uri);
  return {
    uri: cut(parsed.uri, MAX_URI),
    number: uri ? cut(userOf(uri), MAX_URI) : '',
    name: cut(parsed.displayName ?? '', MAX_TEXT),
    parameters: parsed.parameters,
  };
}

/** The entries of all fields of one name, as far as anybody needs them. */
function listOf(values: readonly string[] = []): string[] {
  const entries: string[] = [];
  for (const value of values) {
    entries.push(...splitList(value).slice(0, MAX_ENTRIES - entries.length));
    if (entries.length >= MAX_ENTRIES) break;
  }
  return entries;
}

/** The beginning of a text, without control characters and without half a character at its end. */
function cut(text: string, length: number): string {
  return withoutControls(text.length > length ? text.slice(0, length).replace(/[\ud800-\udbff]$/, '') : text);
}
