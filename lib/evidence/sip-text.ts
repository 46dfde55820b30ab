/** Full names of the compact forms (RFC 3261, 7.3.3, and later ones). */
const COMPACT: Readonly<Record<string, string>> = {
  b: 'referred-by',
  c: 'content-type',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
};
/** No header of a message that means well is longer. */
const MAX_HEAD = 32_768;
const MAX_LINES = 300;
const REQUEST = /^([^\s]{1,64}) ([^\s]+) SIP\/2\.0$/i;
const RESPONSE = /^SIP\/2\.0 (\d{3})(?: (.*))?$/i;

/** A message as far as a ladder wants to know it. */
export interface SipText {
  /** Of a response that of its CSeq; '' when the message cannot be read. */
  method: string;
  /** Request-URI. */
  uri?: string;
  status?: number;
  reason?: string;
  /** Sequence number; '' when there is none. */
  sequence: string;
  body: string;
  /** First value of a field, by lower-case name. */
  header(name: string): string | undefined;
  /** All values of a field, by lower-case name. */
  values(name: string): readonly string[];
  /** Number of lines of that field. */
  count(name: string): number;
}

/** Reads a message without validation: parts that cannot be parsed are taken as absent. Never throws. */
export function readSip(text: string): SipText {
  const end = /\r?\n\r?\n/.exec(text.slice(0, MAX_HEAD));
  const head = text.slice(0, end ? end.index : MAX_HEAD);
  const [startLine, ...lines] = head.split(/\r?\n/, MAX_LINES);
  const fields = readFields(lines);
  const header = (name: string): string | undefined => fields.get(name)?.[0];
  const [sequence = '', cseqMethod = ''] = (header('cseq') ?? '').split(/\s+/, 2);
  const request = REQUEST.exec(startLine);
  const response = request ? null : RESPONSE.exec(startLine);
  return {
    method: request ? request[1] : response ? cseqMethod : '',
    ...(request ? { uri: request[2] } : {}),
    ...(response ? { status: Number(response[1]), reason: response[2] ?? '' } : {}),
    sequence,
    body: end ? text.slice(end.index + end[0].length) : '',
    header,
    values: (name) => fields.get(name) ?? [],
    count: (name) => fields.get(name)?.length ?? 0,
  };
}

/** Lower-case name of a field, of which the compact form may be given. */
export function fullName(name: string): string {
  const written = name.trim().toLowerCase();
  return Object.hasOwn(COMPACT, written) ? COMPACT[written] : written;
}

function readFields(lines: readonly string[]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let latest: string[] | undefined;
  for (const line of lines) {
    if (/^[ \t]/.test(line)) {
      if (latest) latest[latest.length - 1] += ` ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = fullName(line.slice(0, colon));
    const value = line.slice(colon + 1).trim();
    latest = fields.get(name);
    if (latest) latest.push(value);
    else fields.set(name, (latest = [value]));
  }
  return fields;
}

/** The session description of a message, also as a part of a multipart body; undefined when it has none. */
export function sdpOf(sip: SipText): string | undefined {
  const type = (sip.header('content-type') ?? '').toLowerCase();
  if (type.startsWith('multipart/')) {
    const start = /(?:^|\n)v=0\r?\n/.exec(sip.body);
    if (!start) return undefined;
    const rest = sip.body.slice(start.index).trimStart();
    const boundary = rest.search(/\r?\n--/);
    return boundary < 0 ? rest : rest.slice(0, boundary);
  }
  if (type !== '' && !type.startsWith('application/sdp')) return undefined;
  return /^\s*v=0/.test(sip.body) ? sip.body : undefined;
}

/** User part of the first SIP or tel URI in a text, else its host; '' when there is none. */
export function userOf(text: string): string {
  const match = /(?:sips?|tel):(?:([^@\s;>]{1,200})@)?([^\s;>?]{1,200})/i.exec(text);
  return match ? (match[1] ?? match[2]) : '';
}

/** Whether the message belongs to a dialog already: its To has a tag. */
export function isInDialog(sip: SipText): boolean {
  return /;\s*tag\s*=/i.test(sip.header('to') ?? '');
}
