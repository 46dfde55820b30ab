import { isIP } from 'node:net';
import { connect, createServer } from 'node:tls';
import { SipflowError } from '../../common/errors';
import type { TlsOptions } from '../types';
import type { StreamSockets } from './stream-transport';

/** A client that connects and then says nothing must not hold its place for longer. */
const HANDSHAKE_TIMEOUT_MS = 5_000;

/**
 * TLS (RFC 3261, 26.2). Peers that we connect to are verified unless the options say otherwise: against the name
 * in the URI, never one that DNS gave. Without a certificate of our own nobody can connect to us, but calls may come
 * in over connections that we have opened, to a registrar for example.
 *
 * @throws SipflowError TLS for keys and certificates that cannot be used
 */
export function tlsSockets(options: TlsOptions = {}): StreamSockets {
  const { key, cert, ca, rejectUnauthorized = true } = options;
  return {
    name: 'tls',
    readyEvent: 'secureConnect',
    createServer: (onConnection) => {
      try {
        const server = createServer({ key, cert, handshakeTimeout: HANDSHAKE_TIMEOUT_MS });
        server.on('secureConnection', onConnection);
        // A handshake that fails concerns that client only.
        server.on('tlsClientError', (_error, socket) => socket.destroy());
        return server;
      } catch (cause) {
        const advice = 'check that key and certificate are PEM texts that belong together';
        throw new SipflowError('TLS', `The TLS key or certificate cannot be used: ${advice}.`, { cause });
      }
    },
    connect: ({ address, port, serverName = address }) =>
      connect({
        host: address,
        port,
        key,
        cert,
        ca,
        rejectUnauthorized,
        // SNI must not carry an address (RFC 6066, 3); then the certificate has to name the address itself.
        ...(isIP(serverName) === 0 && { servername: serverName }),
      }),
  };
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
      return 'nobody that we trust has signed the certificate of the peer: add its CA to the TLS settings';
    default:
      return code?.startsWith('ERR_SSL')
        ? 'the peer does not speak TLS on that port, or no common version of it'
        : undefined;
  }
}
