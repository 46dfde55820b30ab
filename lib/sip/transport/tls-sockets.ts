import { isIP } from 'node:net';
import {
  connect,
  createSecureContext,
  createServer,
  type ConnectionOptions,
  type SecureContext,
  type TlsOptions as TlsServerOptions,
} from 'node:tls';
import { SipflowError } from '../../common';
import type { TlsOptions } from '../types';
import type { StreamSockets } from './stream-transport';
import type { Peer } from './transport';

/** A client that connects and then says nothing must not hold its place for longer. */
const HANDSHAKE_TIMEOUT_MS = 5_000;

/** TLS settings of an endpoint, for its connections and its listener. */
export interface TlsSide {
  /** Options of a listener. */
  readonly serverOptions: TlsServerOptions;
  /** Options for a connection to that peer. */
  clientOptions(destination: Peer): ConnectionOptions;
}

/**
 * Reads the TLS settings (RFC 3261, 26.2). Peers that we connect to are verified unless the options say otherwise:
 * against the name in the URI (or the one that is set), never one that DNS gave. Without a certificate of our own
 * no peer can connect to us, but calls may come in over connections that we have opened, to a registrar for example.
 * Clients that connect to us need no certificate (few phones have one), unless the options ask for it (26.2.1).
 *
 * @throws SipflowError TLS for keys and certificates that cannot be used
 */
export function tlsSide(options: TlsOptions = {}): TlsSide {
  const { key, cert, ca, passphrase, rejectUnauthorized = true, requireClientCertificate = false } = options;
  const context = secureContext({ key, cert, ca, passphrase });
  return {
    serverOptions: {
      key,
      cert,
      passphrase,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      ...(requireClientCertificate && { ca, requestCert: true, rejectUnauthorized: true }),
    },
    clientOptions: ({ address, port, serverName = address }) => {
      const name = options.serverName || serverName;
      return {
        host: address,
        port,
        secureContext: context,
        rejectUnauthorized,
        // SNI must not carry an address (RFC 6066, 3); then the certificate has to name the address itself.
        ...(isIP(name) === 0 && { servername: name }),
      };
    },
  };
}

/** SIP over TLS as a stream. Throws like `tlsSide`. */
export function tlsSockets(options?: TlsOptions): StreamSockets {
  const side = tlsSide(options);
  return {
    name: 'tls',
    readyEvent: 'secureConnect',
    createServer: (onConnection) => {
      const server = createServer(side.serverOptions, onConnection);
      // A handshake that fails concerns that client only.
      server.on('tlsClientError', (_error, socket) => socket.destroy());
      return server;
    },
    connect: (destination) => connect(side.clientOptions(destination)),
  };
}

function secureContext(options: Parameters<typeof createSecureContext>[0]): SecureContext {
  try {
    return createSecureContext(options);
  } catch (cause) {
    const advice = contextAdvice(cause as NodeJS.ErrnoException);
    throw new SipflowError('TLS', `The TLS settings cannot be used: ${advice}.`, { cause });
  }
}

function contextAdvice({ code, message }: NodeJS.ErrnoException): string {
  if (/bad decrypt|passphrase|interrupted or cancelled|bad password/i.test(message)) {
    return 'the passphrase does not open the key';
  }
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'the key does not belong to the certificate';
  return 'check that key, certificate and CA are PEM texts, and that key and certificate belong together';
}

/** Whether an error says that a certificate was not good enough, and what can be done. */
export function certificateAdvice(cause: unknown): string | undefined {
  const { code } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'the certificate of the peer has expired: it must be renewed there';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'the certificate of the peer is for another name: use that name in the URI';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'no trusted CA has signed the certificate of the peer: add its CA to the TLS settings';
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
      return 'the peer requires a client certificate: add one, with its key, to the TLS settings';
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_TLSV1_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
      return 'the peer does not trust our certificate: have it signed by a CA that the peer knows';
    default:
      return code?.startsWith('ERR_SSL')
        ? 'the peer does not speak TLS on that port, or no common version of it'
        : undefined;
  }
}
