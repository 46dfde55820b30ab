import { isIPv6 } from 'node:net';
import { SipflowError } from '../../common';

/** Port of Homer's collectors. */
const USUAL_PORT = 9060;
/** Characters of a host name (RFC 1035, 2.3.4). */
const LONGEST_HOST = 253;
const FORM = /^(?:(udp|tcp):\/\/)?(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?)(?::(\d{1,5}))?$/i;

/** Where a collector of HEP listens. */
export interface HepDestination {
  transport: 'udp' | 'tcp';
  /** Host name or address, IPv6 without brackets. */
  host: string;
  port: number;
}

/**
 * Reads `host:port`, `udp://host:port` or `tcp://host:port`; without a port it is 9060, IPv6 stands in brackets.
 *
 * @throws SipflowError BAD_CONFIG whose `field` is `hep`
 */
export function hepDestination(text: string): HepDestination {
  const [, transport = 'udp', name = '', digits] = FORM.exec(text.trim()) ?? [];
  const port = digits === undefined ? USUAL_PORT : Number(digits);
  const host = name.replace(/^\[|\]$/g, '');
  const isAddress = !name.startsWith('[') || isIPv6(host);
  if (host === '' || host.length > LONGEST_HOST || !isAddress || port < 1 || port > 65_535) {
    throw new SipflowError(
      'BAD_CONFIG',
      `"${text.slice(0, 80)}" names no HEP collector. Write it like homer.example.com:9060 or tcp://192.0.2.1:9060.`,
      { field: 'hep' },
    );
  }
  return { transport: transport.toLowerCase() === 'tcp' ? 'tcp' : 'udp', host, port };
}
