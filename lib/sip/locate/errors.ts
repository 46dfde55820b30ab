import { SipflowError } from '../../common';
import type { AddressFamily } from './types';

/*
 * Every way in which a target cannot be found, as a sentence that says what to do. BAD_TARGET is what the
 * user wrote, DNS is what the name servers said.
 */

export function badHost(host: string): SipflowError {
  return new SipflowError(
    'BAD_TARGET',
    `"${shown(host)}" is not a host name or an IP address: correct the target.`,
  );
}

export function badPort(port: number): SipflowError {
  return new SipflowError('BAD_TARGET', `${port} is not a port: use 1 to 65535.`);
}

export function transportUnavailable(wanted: string, available: readonly string[]): SipflowError {
  const have = available.length === 0 ? 'none' : available.join(', ').toUpperCase();
  return new SipflowError(
    'BAD_TARGET',
    `The target needs the transport ${shown(wanted).toUpperCase()}, this phone has ${have}: change the target's transport parameter or the phone's transport.`,
  );
}

export function insecureTransport(wanted: string): SipflowError {
  return new SipflowError(
    'BAD_TARGET',
    `A sips: target cannot use the transport ${shown(wanted).toUpperCase()}: remove the transport parameter, or write sip: instead of sips:.`,
  );
}

export function familyUnavailable(host: string, families: readonly AddressFamily[]): SipflowError {
  const have = families.map((family) => `IPv${family}`).join(' and ') || 'no address family';
  const other = families.includes(4) ? 'IPv6' : 'IPv4';
  return new SipflowError(
    'BAD_TARGET',
    `"${shown(host)}" is reachable by ${other} only, and this phone uses ${have}: bind the phone to an ${other} address or give the target another one.`,
  );
}

export function serviceRefused(host: string): SipflowError {
  return new SipflowError(
    'DNS',
    `The DNS of "${shown(host)}" says that it offers no SIP by the transports of this phone (SRV target "."): choose another transport or target.`,
  );
}

/** @param cause of the last failed query; its `code` decides the advice */
export function notFound(host: string, cause: unknown): SipflowError {
  if (cause instanceof SipflowError) return cause;
  const code = codeOf(cause);
  const name = `"${shown(host)}"`;
  if (cause === undefined || code === 'ENOTFOUND' || code === 'ENODATA') {
    return new SipflowError(
      'DNS',
      `Cannot find ${name}: DNS knows no SIP service and no address for it. Check the spelling of the target, domain or outbound proxy.`,
      { cause },
    );
  }
  return new SipflowError(
    'DNS',
    `Cannot find ${name}: the name server did not give an answer (${code ?? 'unknown fault'}). Check the DNS settings and the network of this machine.`,
    { cause },
  );
}

export function tookTooLong(host: string, ms: number): SipflowError {
  return new SipflowError(
    'DNS',
    `Cannot find "${shown(host)}": the name servers did not answer within ${ms / 1_000} s. Check the DNS settings and the network of this machine.`,
  );
}

export function tooManyQueries(limit: number): SipflowError {
  return new SipflowError(
    'DNS',
    `More than ${limit} DNS queries wait for an answer: place fewer calls to different names at once, or check the name server.`,
  );
}

/** The `code` that Node.js gives to DNS errors: ENOTFOUND, ENODATA, ETIMEOUT, ESERVFAIL, … */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function shown(text: string): string {
  const clean = text.replace(/[^\x21-\x7e\u00a1-\ufffd]/g, '?');
  return clean.length > 80 ? `${clean.slice(0, 79)}…` : clean;
}
