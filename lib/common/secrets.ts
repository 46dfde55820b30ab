const FIELD = /^((?:Proxy-)?(?:Authorization|Authentication-Info)[ \t]*:)((?:.|\r?\n[ \t])*)/gim;
const PARAMETERS =
  /\b(response|rspauth|cnonce|nonce|username|opaque)([ \t]*=[ \t]*)("(?:[^"\\]|\\.)*"?|[^\s,]*)/gi;
/** The fields whose values are masked, by canonical name. */
const SECRET_FIELDS = [
  'Authorization',
  'Proxy-Authorization',
  'Authentication-Info',
  'Proxy-Authentication-Info',
] as const;

/** `a=crypto` carries keys as `inline:<key>`, several of them joined by semicolons (RFC 4568, 9.1). */
const INLINE_KEY = /\binline:[^\s;|]+/gi;
/** `a=key-mgmt:mikey <message>` (RFC 4567, 3.1). */
const KEY_MANAGEMENT = /\b(key-mgmt:[ \t]*[\w-]{1,32}[ \t]+)[^\s]+/gi;
/** `k=clear:…`, `k=base64:…`, `k=uri:…` (RFC 4566, 5.12); `k=prompt` has no key. */
const SESSION_KEY = /^(k=[^:\s]{1,32}:)[^\r\n]+/gim;

/** Something of each pattern above: most messages have nothing of it, and are looked through once instead of five times. */
const HINT = /authoriz|authentication-info|inline:|key-mgmt:|^k=/im;

/**
 * The text of a SIP message with its secrets made unreadable, as traces, logs and exports show it: digests and other
 * credentials (`maskHeaders`), and the media keys in its SDP (`maskKeys`). A challenge stays
 * readable, it holds no secret: `nextnonce` neither, which is the next one.
 */
export function maskSecrets(message: string): string {
  if (!HINT.test(message)) return message;
  return maskKeys(
    message.replace(FIELD, (_field, name: string, value: string) => name + maskValue(name, value)),
  );
}

/**
 * The same for a message as bytes, each of which stays where it was: a character of a secret becomes an asterisk, so that
 * Content-Length and the sizes of packets stay true.
 *
 * @returns a copy
 */
export function maskSecretsEvenly(message: Buffer): Buffer {
  // In Latin-1 a character is a byte, whatever the message is written in.
  const text = message.toString('latin1');
  if (!HINT.test(text)) return Buffer.from(message);
  const even = text
    .replace(FIELD, (_field, name: string, value: string) => name + maskValue(name, value, true))
    .replace(INLINE_KEY, (key) => `inline:${asterisks(key.slice('inline:'.length))}`)
    .replace(KEY_MANAGEMENT, (line, start: string) => start + asterisks(line.slice(start.length)))
    .replace(SESSION_KEY, (line, start: string) => start + asterisks(line.slice(start.length)));
  return Buffer.from(even, 'latin1');
}

/** Masks the media keys in a session description: SDES, MIKEY and `k=`. Everything else stays as it is. */
export function maskKeys(sdp: string): string {
  return sdp.replace(INLINE_KEY, 'inline:***').replace(KEY_MANAGEMENT, '$1***').replace(SESSION_KEY, '$1***');
}

/**
 * Masks the credentials among header fields: of a Digest the values with which a password could be guessed offline, of
 * any other scheme everything.
 *
 * @param headers by canonical name; changed in place
 * @returns the same object
 */
export function maskHeaders(headers: Record<string, string[]>): Record<string, string[]> {
  for (const name of SECRET_FIELDS) {
    if (Object.hasOwn(headers, name)) headers[name] = headers[name].map((value) => maskValue(name, value));
  }
  return headers;
}

/** @param evenly whether a secret keeps its length; otherwise three asterisks stand for it */
function maskValue(name: string, value: string, evenly = false): string {
  const digest = /-Info/i.test(name) || /^\s*digest\s/i.test(value);
  if (!digest) return evenly ? asterisks(value) : `${/^\s/.test(value) ? ' ' : ''}***`;
  if (!evenly) return value.replace(PARAMETERS, '$1$2***');
  return value.replace(
    PARAMETERS,
    (_all, parameter: string, equals: string, secret: string) => parameter + equals + asterisks(secret),
  );
}

/** A secret of which only the structure is left: blanks in front of it, its quotation marks, folds of the line. */
function asterisks(secret: string): string {
  return secret.replace(/(^[ \t]+|\r?\n[ \t]*|^"|"$)|[^]/g, (_all, kept?: string) => kept ?? '*');
}
