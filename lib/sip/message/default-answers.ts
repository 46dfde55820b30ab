import { ACCEPT, ALLOW, INFO_ACCEPT, SUPPORTED } from './capabilities';
import type { HeaderField } from './extra-headers';
import type { ResponseOptions } from './serialise';
import type { SipRequest } from './sip-message';

/** Stands for our Contact until it is known whom the response is for; no Contact looks like it. */
export const CONTACT_PLACE = '<sipflow:contact>';

/** Puts our Contact where it belongs. */
export function withContact(
  fields: readonly HeaderField[] | undefined,
  contact: () => string,
): readonly HeaderField[] | undefined {
  if (!fields?.some(isContactPlace)) return fields;
  return fields.map(([name, value]) => [name, value === CONTACT_PLACE ? contact() : value]);
}

function isContactPlace([, value]: HeaderField): boolean {
  return value === CONTACT_PLACE;
}

/** Header fields of a 2xx to a request that refreshes the session (RFC 3261, 12.1.1). */
export function sessionFields(): HeaderField[] {
  return [
    ['Contact', CONTACT_PLACE],
    ['Allow', ALLOW],
    ['Supported', SUPPORTED],
  ];
}

/** Default answer to a request inside a dialog, when no listener answers it. */
export function defaultAnswer(request: SipRequest): ResponseOptions {
  switch (request.method) {
    case 'OPTIONS':
      return { status: 200, fields: optionsFields() };
    case 'INFO':
      // RFC 6086, 4.2.2: a package that we never announced; without a package and a body it only asks whether we live.
      if (request.headers.has('Info-Package')) return { status: 469, fields: [['Recv-Info', '']] };
      return request.body ? { status: 415, fields: [['Accept', INFO_ACCEPT]] } : { status: 200 };
    case 'MESSAGE':
      return { status: 200 };
    case 'REFER':
      return { status: 603 };
    case 'NOTIFY':
      return { status: 481 };
    default:
      return { status: 405, fields: [['Allow', ALLOW]] };
  }
}

/** Capabilities, as the answer to OPTIONS carries them (RFC 3261, 11.2). */
export function optionsFields(): HeaderField[] {
  return [
    ['Allow', ALLOW],
    ['Accept', ACCEPT],
    ['Accept-Encoding', 'identity'],
    ['Supported', SUPPORTED],
  ];
}
