import { splitList } from '../message/header-values';
import type { Headers } from '../types';
import type { RegisterRequest, RegistrationRoutes } from './types';

/** Values of one field that are kept; a real path has one to three hops. */
const MAX_ROUTES = 16;

export const NO_ROUTES: RegistrationRoutes = { serviceRoute: [], path: [], associatedUris: [] };

/**
 * A REGISTER that sets one binding and takes others away (RFC 3261, 10.2).
 *
 * @param outdated Contact URIs to take away
 * @param expires seconds; 0 takes the binding itself away
 */
export function composeRegister(
  account: { registrar: string; addressOfRecord: string },
  callId: string,
  contact: string,
  outdated: readonly string[],
  expires: number,
): RegisterRequest {
  return {
    requestUri: account.registrar,
    addressOfRecord: account.addressOfRecord,
    callId,
    expires,
    headers: [
      ['Contact', `<${contact}>;expires=${expires}`],
      ...outdated.map((each) => ['Contact', `<${each}>;expires=0`] as const),
      // Some registrars read the one, some the other.
      ['Expires', String(expires)],
      ['Supported', 'path'],
    ],
  };
}

/** Service-Route, Path and P-Associated-URI of a 2xx (RFC 3608, 5; RFC 3327, 5; RFC 7315, 4.1). */
export function readRoutes(headers: Headers): RegistrationRoutes {
  const list = (name: string): string[] => (headers[name] ?? []).flatMap(splitList).slice(0, MAX_ROUTES);
  return {
    serviceRoute: list('Service-Route'),
    path: list('Path'),
    associatedUris: list('P-Associated-URI'),
  };
}
