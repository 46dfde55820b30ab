import { SipflowError } from '../../common';
import { parseNameAddress, splitList } from '../message/header-values';
import { isSipScheme, parseSipUri, uriHost, uriParameter, type SipUri } from '../message/uri';
import type { TransportName } from '../types';
import { defaultPort, TRANSPORTS, transportNamed } from './kinds';
import type { Peer } from './transport';

/**
 * The URI that a request is sent to (RFC 3261, 8.1.2): the first Route, else the Request-URI.
 *
 * @param route value of the first Route, when there is one
 * @param requestUri used otherwise
 * @throws SipflowError BAD_TARGET when that is not one we can send to
 */
export function nextHopUri(route: string | undefined, requestUri: string): SipUri {
  const first = route === undefined ? undefined : splitList(route)[0];
  const text = (first === undefined ? undefined : parseNameAddress(first)?.uri) ?? requestUri;
  const uri = parseSipUri(text);
  if (uri && isSipScheme(uri.scheme)) return uri;
  throw new SipflowError(
    'BAD_TARGET',
    `No way to ${text}: use a sip: or sips: URI, or set an outbound proxy.`,
  );
}

/** Peer that a SIP URI names, without DNS: `maddr`, port and transport parameters are obeyed. */
export function peerOfUri(uri: SipUri, fallback: TransportName): Peer {
  const wanted = uriParameter(uri, 'transport')?.toLowerCase();
  const named = transportNamed(wanted) ?? fallback;
  const { flowOnly, secured } = TRANSPORTS[named];
  const transport =
    uri.scheme.toLowerCase() === 'sips' && !flowOnly ? (secured ?? named) : sameName(named, fallback);
  return {
    transport,
    address: uriParameter(uri, 'maddr') ?? uriHost(uri),
    port: uri.port ?? defaultPort(transport),
  };
}

/** `transport=ws` is any WebSocket, with TLS or without (RFC 7118, 5.2): with TLS where our own has it. */
function sameName(named: TransportName, own: TransportName): TransportName {
  return TRANSPORTS[own].uriName === named ? own : named;
}

/**
 * Reads the setting of an outbound proxy: a SIP URI, `host:port` or `host`.
 *
 * @throws SipflowError BAD_CONFIG when it is none of them
 */
export function parseOutboundProxy(text: string): SipUri {
  return parseServer(text, 'an outbound proxy');
}

/** Reads the setting of a registrar, like that of an outbound proxy. */
export function parseRegistrar(text: string): SipUri {
  return parseServer(text, 'a registrar');
}

/**
 * Reads `host`, `host:port` or a SIP URI.
 *
 * @param what names the setting: `a registrar`
 * @throws SipflowError BAD_CONFIG when it is none of them
 */
export function parseServer(text: string, what: string): SipUri {
  const uri = parseSipUri(/^sips?:/i.test(text) ? text : `sip:${text}`);
  if (uri) return uri;
  throw new SipflowError('BAD_CONFIG', `"${text}" is not ${what}: use host, host:port or a SIP URI.`);
}
