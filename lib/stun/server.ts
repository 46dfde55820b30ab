import { isIPv6 } from 'node:net';
import { SipflowError } from '../common';

/** Default port of STUN over UDP (RFC 8489, 18.6). */
const STUN_PORT = 3478;

/** A STUN server as a setting names it. */
export interface StunServer {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads the setting of a STUN server: `host`, `host:port`, or either with the scheme `stun:` (RFC 7064).
 *
 * @throws SipflowError BAD_CONFIG when it is none of them
 */
export function parseStunServer(text: string): StunServer {
  const rest = text.trim().replace(/^(?:stun|sip):/i, '');
  if (isIPv6(rest)) return { host: rest, port: STUN_PORT };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^\s:[\]/?@;]+))(?::(\d{1,5}))?$/.exec(rest) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? STUN_PORT : Number(digits);
  if (host === undefined || (bracketed !== undefined && !isIPv6(bracketed)) || port < 1 || port > 65_535) {
    throw new SipflowError('BAD_CONFIG', `"${text}" is not a STUN server: use host or host:port.`);
  }
  return { host, port };
}

/** The server as sentences for people name it. */
export function nameOfServer({ host, port }: StunServer): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
