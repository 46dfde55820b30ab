import { SipflowError } from '../../common';
import { hostOf } from '../message/uri';

/**
 * The fault of a socket that could not be bound, as a sentence that says what to do.
 *
 * @param protocol `UDP` or `TCP`
 */
export function bindFault(protocol: string, address: string, port: number, cause: unknown): SipflowError {
  const where = `${protocol} ${hostOf(address)}:${port}`;
  return new SipflowError(
    'TRANSPORT',
    `Cannot listen on ${where}: ${advice((cause as NodeJS.ErrnoException).code)}`,
    {
      cause,
    },
  );
}

function advice(code: string | undefined): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is in use. Choose another port (0 = automatic) or stop the program that uses it.';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EINVAL':
      return 'this machine has no such address. Choose one of its addresses, or 0.0.0.0 (IPv6: ::) for all.';
    case 'EACCES':
      return 'the system does not allow it. Choose a port above 1023 or grant the right to bind it.';
    default:
      return `${code ?? 'unknown reason'}. Check address and port.`;
  }
}
