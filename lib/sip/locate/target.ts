import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { DEFAULT_SECURE_TRANSPORT, DEFAULT_TRANSPORT, TRANSPORTS, transportNamed } from '../transport/kinds';
import type { TransportName } from '../types';
import { badHost, badPort, insecureTransport, transportUnavailable } from './errors';
import type { AddressFamily, LocateTarget } from './types';

/** Parts of a URI that matter here, as `parseSipUri` of lib/sip/message gives them. */
export interface UriParts {
  scheme: string;
  host: string;
  port?: number;
  /** `;transport=tcp;lr`, with the leading semicolon, or empty. */
  parameters: string;
}

/** Target that a URI names; parameter names and values in any case. */
export function targetOfUri(uri: UriParts): LocateTarget {
  const target: LocateTarget = { secure: uri.scheme.toLowerCase() === 'sips', host: uri.host };
  if (uri.port !== undefined) target.port = uri.port;
  for (const part of uri.parameters.split(';')) {
    const [name, value] = part.split('=', 2).map((each) => each.trim());
    if (!value) continue;
    if (/^transport$/i.test(name)) target.transport ??= value;
    else if (/^maddr$/i.test(name)) target.maddr ??= value;
  }
  return target;
}

/** A target whose parts are checked: where to look, and by which transports. */
export interface CheckedTarget {
  /** Address without brackets, or name in lower-case ASCII without a final dot. */
  host: string;
  /** 0 when the host is a name. */
  family: AddressFamily | 0;
  port: number | undefined;
  /** Transports that may be used, in order of preference; not empty. */
  transports: TransportName[];
  /** The target asked for its transport, so there is nothing to choose. */
  explicit: boolean;
  serverName: string;
}

/**
 * Checks a target against what the sender can do (RFC 3263, 4.1). `sips` allows TLS and WSS only, and
 * `transport=tcp` in it means TLS (RFC 3261, 26.2.2).
 *
 * @throws SipflowError BAD_TARGET
 */
export function checkTarget(target: LocateTarget, available: readonly TransportName[]): CheckedTarget {
  const asked = target.transport?.toLowerCase();
  // `transport=ws` is a WebSocket with TLS or without it (RFC 7118, 5.2).
  const sameName = available.find((each) => TRANSPORTS[each].uriName === asked);
  const wanted =
    asked === undefined || (available as readonly string[]).includes(asked) ? asked : (sameName ?? asked);
  const needed = wanted !== undefined && target.secure ? secured(wanted) : wanted;
  const transports = available.filter((each) =>
    needed === undefined ? !target.secure || TRANSPORTS[each].secure : each === needed,
  );
  if (transports.length === 0)
    throw transportUnavailable(
      needed ?? (target.secure ? DEFAULT_SECURE_TRANSPORT : DEFAULT_TRANSPORT),
      available,
    );
  const { port } = target;
  if (port !== undefined && (!Number.isInteger(port) || port < 1 || port > 65_535)) throw badPort(port);
  const host = normalHost(target.maddr ?? target.host);
  return {
    host,
    family: isIP(host) as AddressFamily | 0,
    port,
    transports,
    explicit: needed !== undefined,
    serverName: normalHost(target.host),
  };
}

/** @throws SipflowError BAD_TARGET */
function secured(asked: string): TransportName {
  const name = transportNamed(asked);
  const transport = name && TRANSPORTS[name].secured;
  if (transport === undefined) throw insecureTransport(asked);
  return transport;
}

/** @throws SipflowError BAD_TARGET */
function normalHost(host: string): string {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0) return bare.toLowerCase();
  // Underscores are no host names, but real SRV and container names have them, and domainToASCII keeps them.
  const ascii = /^[\x21-\x7e]*$/.test(bare) ? bare.toLowerCase() : domainToASCII(bare);
  const name = ascii.replace(/\.$/, '');
  if (!isHostName(name)) throw badHost(host);
  return name;
}

/** Letters, digits, hyphens and underscores in labels of at most 63 characters, 253 in all. */
export function isHostName(name: string): boolean {
  return (
    name.length <= 253 && /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/i.test(name) && !/^[\d.]+$/.test(name)
  );
}
