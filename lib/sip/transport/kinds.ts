import type { TransportName } from '../types';

/** All that addressing and routing have to know of a transport; `create.ts` makes its sockets. */
export interface TransportKind {
  /** Whether it is encrypted (RFC 3261, 26.2). */
  readonly secure: boolean;
  /** Whether the network below delivers; if not, messages are retransmitted. */
  readonly reliable: boolean;
  /** Port that a URI without one means (RFC 3261, 19.1.2; RFC 7118, 5). */
  readonly defaultPort: number;
  /** Whether a peer is reached only over the connection that it has opened, as a browser is (RFC 7118, 5). */
  readonly flowOnly: boolean;
  /** Value of the URI parameter `transport`; absent for the transport that a URI without it means. */
  readonly uriName?: string;
  /** Transport that stands in for it under `sips:` (RFC 3261, 26.2.2); absent when it cannot be secure. */
  readonly secured?: TransportName;
  /** For datagrams: the transport of messages that are too large for one, at the same port (RFC 3261, 18.1.1). */
  readonly beside?: TransportName;
  /** Service field of NAPTR records (RFC 3263, 4.1; RFC 7118, 9.4), in lower case. */
  readonly naptrService?: string;
  /** Prefix of the host in the name of SRV records; WebSocket has none. */
  readonly srvPrefix?: string;
}

const STREAM = { reliable: true, flowOnly: false } as const;
const WEB_SOCKET = { reliable: true, flowOnly: true, uriName: 'ws', secured: 'wss' } as const;

export const TRANSPORTS: Readonly<Record<TransportName, TransportKind>> = {
  udp: {
    secure: false,
    reliable: false,
    flowOnly: false,
    defaultPort: 5060,
    beside: 'tcp',
    naptrService: 'sip+d2u',
    srvPrefix: '_sip._udp.',
  },
  tcp: {
    ...STREAM,
    secure: false,
    defaultPort: 5060,
    uriName: 'tcp',
    secured: 'tls',
    naptrService: 'sip+d2t',
    srvPrefix: '_sip._tcp.',
  },
  tls: {
    ...STREAM,
    secure: true,
    defaultPort: 5061,
    uriName: 'tls',
    secured: 'tls',
    naptrService: 'sips+d2t',
    srvPrefix: '_sips._tcp.',
  },
  ws: { ...WEB_SOCKET, secure: false, defaultPort: 80, naptrService: 'sip+d2w' },
  wss: { ...WEB_SOCKET, secure: true, defaultPort: 443, naptrService: 'sips+d2w' },
};

/** Transport of a `sip:` URI without the parameter `transport`. */
export const DEFAULT_TRANSPORT: TransportName = 'udp';
/** Transport of a `sips:` URI without it. */
export const DEFAULT_SECURE_TRANSPORT: TransportName = 'tls';

/** Names of the transports in Via. */
const VIA_TOKENS = new Map<string, string>();
/** Names of ours; each message asks some ten times, and a map answers faster than `Object.hasOwn`. */
const NAMES = new Map<string, TransportName>();
for (const name of Object.keys(TRANSPORTS)) enlist(name);

function enlist(name: string): void {
  const token = name.toUpperCase();
  VIA_TOKENS.set(token, token);
  NAMES.set(name, name as TransportName);
}

/** The transport of that name; undefined when there is none of ours. */
export function transportNamed(name: string | undefined): TransportName | undefined {
  return name === undefined ? undefined : NAMES.get(name);
}

/** A transport as Via spells it, in memory that it shares with every Via; undefined when it is none of ours. */
export function viaToken(token: string): string | undefined {
  return VIA_TOKENS.get(token);
}

export function defaultPort(transport: TransportName): number {
  return TRANSPORTS[transport].defaultPort;
}

/**
 * Adds a transport to those of the package, as `registerTransport` of `create.ts` does.
 *
 * @returns takes it out again
 */
export function addKind(name: TransportName, kind: TransportKind): () => void {
  const kinds: Record<string, TransportKind> = TRANSPORTS;
  kinds[name] = kind;
  enlist(name);
  return () => {
    delete kinds[name];
    NAMES.delete(name);
    VIA_TOKENS.delete(name.toUpperCase());
  };
}
