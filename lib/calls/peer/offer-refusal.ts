import type { ErrorCode, Failure } from '../../common';
import {
  diagnoseCodecs,
  diagnoseEncryption,
  encryptionOf,
  offeredCodecNames,
  type NegotiationFailure,
} from '../../sdp';
import type { FinalOptions, SipResponseInfo } from '../../sip';
import type { Negotiation } from './negotiation';

const ANSWERER = 'the other side';
/** Warning codes for the part of a description that is not acceptable (RFC 3261, 20.43). */
const TRANSPORT_WARNING = 302;
const WARNINGS: Readonly<Record<Exclude<NegotiationFailure['reason'], 'malformed'>, number>> = {
  address: 301,
  security: TRANSPORT_WARNING,
  'no-audio': 304,
  rejected: 304,
  codec: 305,
};

/** Diagnosis of a refused offer of ours, and its error code. */
export interface OfferRefusal {
  code: ErrorCode;
  diagnosis: string;
}

/**
 * Diagnosis of a 488 or 606 from our offer and the capabilities in its body or its Warning (pitfall 3).
 * Undefined for any other response.
 */
export function offerRefusal(
  response: SipResponseInfo,
  { localDescription, codecs }: Pick<Negotiation, 'localDescription' | 'codecs'>,
): OfferRefusal | undefined {
  if (response.status !== 488 && response.status !== 606) return undefined;
  const offer = { localDescription, codecs };
  return explainedRefusal(response, offer) ?? unexplained(localDescription ?? '', codecs);
}

/** The same, but undefined too where the other side does not say why. */
export function explainedRefusal(
  response: SipResponseInfo,
  { localDescription, codecs }: Pick<Negotiation, 'localDescription' | 'codecs'>,
): OfferRefusal | undefined {
  if (response.status !== 488 && response.status !== 606) return undefined;
  const offer = localDescription ?? '';
  const body = response.body?.content;
  const encryption = body === undefined ? undefined : diagnoseEncryption(offer, body);
  if (encryption !== undefined) return { code: 'SRTP_NOT_NEGOTIATED', diagnosis: encryption };
  const allowed = body === undefined ? [] : offeredCodecNames(body);
  if (allowed.length > 0) {
    return {
      code: 'NO_COMMON_CODEC',
      diagnosis: diagnoseCodecs({ offered: codecs, allowed, answerer: ANSWERER }),
    };
  }
  return warned(response);
}

/** The response to an offer that cannot be accepted: 400 for broken SDP, otherwise 488 with an explaining Warning. */
export function refusal({ reason, diagnosis }: NegotiationFailure): FinalOptions {
  const quoted = diagnosis.replace(/["\\]/g, "'");
  if (reason === 'malformed') return { status: 400, headers: { Warning: `399 sipflow "${quoted}"` } };
  return { status: 488, headers: { Warning: `${WARNINGS[reason]} sipflow "${quoted}"` } };
}

/** The failure that a negotiation means which led to nothing on our side. */
export function negotiationFault({ reason, diagnosis }: NegotiationFailure): Failure {
  return { code: reason === 'security' ? 'SRTP_NOT_NEGOTIATED' : 'NO_COMMON_CODEC', message: diagnosis };
}

function warned(response: SipResponseInfo): OfferRefusal | undefined {
  const [, code, text] = /^\s*(\d{3})\s.*?"(.*)"/.exec(response.headers['Warning']?.[0] ?? '') ?? [];
  if (!text) return undefined;
  return {
    code: Number(code) === TRANSPORT_WARNING ? 'SRTP_NOT_NEGOTIATED' : 'NO_COMMON_CODEC',
    diagnosis: text,
  };
}

/** Without a word of the other side both are possible: the encryption and the codecs. */
function unexplained(offer: string, codecs: readonly string[]): OfferRefusal {
  const { required, suites } = encryptionOf(offer);
  const refused = diagnoseCodecs({ offered: codecs, answerer: ANSWERER });
  if (required) {
    return {
      code: 'SRTP_NOT_NEGOTIATED',
      diagnosis: `the other side refused encrypted audio (SRTP with ${suites}), which this phone requires, and did not say what it allows; it may have no SRTP with keys in SDP (SDES), or none of the codecs ${codecs.join(', ')}`,
    };
  }
  const plain = suites === '' ? '; it may require encryption, and this phone has SRTP off' : '';
  return { code: 'NO_COMMON_CODEC', diagnosis: refused + plain };
}
