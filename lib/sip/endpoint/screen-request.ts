import {
  ACCEPT,
  ACCEPTED_BODIES,
  ALLOW,
  ALLOWED_METHODS,
  KNOWN_METHODS,
  SUPPORTED_TAGS,
} from '../message/capabilities';
import type { HeaderField } from '../message/extra-headers';
import { splitList } from '../message/header-values';
import { mediaTypeOf } from '../message/multipart';
import { optionTags } from '../message/option-tags';
import { describesSession } from '../message/session-description';
import type { SipRequest } from '../message/sip-message';
import { hasUsableContact } from '../message/syntax-fault';
import { BRANCH_COOKIE } from '../message/tokens';

/** An answer that needs no transaction user. */
export interface Refusal {
  status: number;
  reason?: string;
  fields?: HeaderField[];
}

const UNKNOWN_METHOD: Refusal = { status: 501, fields: [['Allow', ALLOW]] };
const SCHEMES = /^(?:sips?|tel):/i;

/**
 * Checks of a user agent server before it looks at dialogs (RFC 3261, 8.2): method, scheme, required
 * extensions, body. Undefined when the request may pass. ACK and CANCEL pass always.
 */
export function screenRequest(request: SipRequest): Refusal | undefined {
  if (request.method === 'ACK' || request.method === 'CANCEL') return undefined;
  const isAllowed = (ALLOWED_METHODS as readonly string[]).includes(request.method);
  if (!isAllowed)
    return isKnown(request.method) ? { status: 405, fields: [['Allow', ALLOW]] } : UNKNOWN_METHOD;
  if (!SCHEMES.test(request.uri)) return { status: 416 };
  const unsupported = optionTags(request.headers, 'Require').filter(
    (tag) => !SUPPORTED_TAGS.includes(tag.toLowerCase()),
  );
  if (unsupported.length > 0) return { status: 420, fields: [['Unsupported', unsupported.join(', ')]] };
  const body = describesSession(request.method) ? screenBody(request) : undefined;
  if (request.method === 'INVITE') return screenInvite(request) ?? body;
  if (body) return body;
  // RFC 3891, 3.
  return request.headers.has('Replaces') ? { status: 400, reason: 'Replaces Outside INVITE' } : undefined;
}

/** The answer to a malformed request: 501 to an unknown method, whatever else is wrong (RFC 4475, 3.1.2.18). */
export function refuseMalformed({ method }: SipRequest, fault: Refusal): Refusal {
  return fault.status === 400 && !isKnown(method) ? UNKNOWN_METHOD : fault;
}

function isKnown(method: string): boolean {
  return KNOWN_METHODS.includes(method);
}

function screenInvite(request: SipRequest): Refusal | undefined {
  const { headers } = request;
  // A client of RFC 2543 need not tell one; its requests come from where it can be reached.
  const tells = request.via.branch.startsWith(BRANCH_COOKIE) || headers.has('Contact');
  if (tells && request.toTag === undefined && !hasUsableContact(headers)) {
    return { status: 400, reason: 'Missing Or Unusable Contact' };
  }
  if (!headers.has('Accept')) return undefined;
  const accept = headers.all('Accept').flatMap(splitList).map(mediaTypeOf);
  const usable = ['*/*', 'application/*', ...ACCEPTED_BODIES];
  return accept.length > 0 && !accept.some((type) => usable.includes(type)) ? { status: 406 } : undefined;
}

/** RFC 3261, 8.2.3. */
function screenBody({ content }: SipRequest): Refusal | undefined {
  switch (content.fault) {
    case 'malformed':
      return { status: 400, reason: 'Malformed Multipart Body' };
    case 'encoding':
      return { status: 415, fields: [['Accept-Encoding', 'identity']] };
    case 'type':
      return { status: 415, fields: [['Accept', ACCEPT]] };
    case undefined:
      return undefined;
  }
}
