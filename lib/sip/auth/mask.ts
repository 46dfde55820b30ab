const FIELD = /^((?:Proxy-)?(?:Authorization|Authentication-Info)[ \t]*:)((?:.|\r?\n[ \t])*)/gim;
const SECRET_PARAMETERS =
  /\b(response|rspauth|cnonce|nonce|nextnonce|username|opaque)([ \t]*=[ \t]*)("(?:[^"\\]|\\.)*"?|[^\s,]*)/gi;

/**
 * The text of a SIP message with its credentials made unreadable, for traces and logs: of a Digest the
 * values with which a password could be guessed offline, of any other scheme everything. A challenge
 * stays readable, it holds no secret.
 */
export function maskCredentials(message: string): string {
  return message.replace(FIELD, (_field, name: string, value: string) => {
    if (!/-Info/i.test(name) && !/^\s*digest\s/i.test(value)) return `${name} ***`;
    return name + value.replace(SECRET_PARAMETERS, '$1$2***');
  });
}
