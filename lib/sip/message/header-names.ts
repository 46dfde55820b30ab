/** Fields whose canonical spelling is not "every word capitalised", or that have a compact form. */
const SPELLINGS = [
  'Accept',
  'Accept-Contact',
  'Accept-Encoding',
  'Accept-Language',
  'Alert-Info',
  'Allow',
  'Allow-Events',
  'Authorization',
  'CSeq',
  'Call-ID',
  'Call-Info',
  'Contact',
  'Content-Disposition',
  'Content-Encoding',
  'Content-ID',
  'Content-Language',
  'Content-Length',
  'Content-Type',
  'Date',
  'Event',
  'Expires',
  'From',
  'History-Info',
  'MIME-Version',
  'Max-Forwards',
  'Min-Expires',
  'Min-SE',
  'P-Asserted-Identity',
  'P-Preferred-Identity',
  'P-RTP-Stat',
  'Privacy',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Proxy-Require',
  'RAck',
  'RSeq',
  'Reason',
  'Record-Route',
  'Recv-Info',
  'Info-Package',
  'Refer-Sub',
  'Refer-To',
  'Referred-By',
  'Reject-Contact',
  'Replaces',
  'Request-Disposition',
  'Require',
  'Retry-After',
  'Route',
  'SIP-ETag',
  'SIP-If-Match',
  'Server',
  'Session-Expires',
  'Subject',
  'Subscription-State',
  'Supported',
  'Timestamp',
  'To',
  'Unsupported',
  'User-Agent',
  'Via',
  'WWW-Authenticate',
  'Warning',
];

/** RFC 3261, 7.3.3 and the registry of compact forms that later RFCs filled. */
const COMPACT_FORMS: Record<string, string> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
};

const BY_LOWER_CASE = new Map<string, string>([
  ...SPELLINGS.map((name): [string, string] => [name.toLowerCase(), name]),
  ...Object.entries(COMPACT_FORMS),
]);

/** The spellings that peers really use, found without lower-casing. */
const BY_EXACT_SPELLING = new Map<string, string>(SPELLINGS.map((name) => [name, name]));

/** Canonical spelling when the name is already spelt that way: the fast path of the parser. */
export function knownHeaderName(name: string): string | undefined {
  return BY_EXACT_SPELLING.get(name);
}

/** The same spellings by length and first letter, so that one is found in a text without cutting it out. */
const BY_START = new Map<number, readonly string[]>();
for (const name of SPELLINGS) {
  const key = startKey(name.length, name.charCodeAt(0));
  BY_START.set(key, [...(BY_START.get(key) ?? []), name]);
}

function startKey(length: number, first: number): number {
  return length * 128 + first;
}

/** `knownHeaderName` of what stands between two places of a text. */
export function knownHeaderNameAt(text: string, start: number, end: number): string | undefined {
  const first = text.charCodeAt(start);
  if (first > 127) return undefined;
  return BY_START.get(startKey(end - start, first))?.find((name) => text.startsWith(name, start));
}

/**
 * Canonical spelling of a header field's name: the RFC's for known fields and compact forms; for any
 * other, the first letter of each word is capitalised and the rest stays as it was sent, so that
 * `x-Campaign-ID` is found as `X-Campaign-ID`.
 */
export function canonicalHeaderName(name: string): string {
  return (
    knownHeaderName(name) ??
    BY_LOWER_CASE.get(name.toLowerCase()) ??
    name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
  );
}
