import { readMappedAddress, writeXorMappedAddress, type MappedAddress } from './mapped-address';
import {
  ATTRIBUTES,
  decodeStun,
  encodeStun,
  findAttribute,
  MESSAGE_TYPES,
  type EncodeOptions,
  type StunMessage,
} from './message';

/**
 * Comprehension-required attributes that a binding message may have and that we need not understand:
 * those of RFC 3489 servers, and the authentication of RFC 8489, which a public server does not ask for.
 */
const TOLERATED = new Set<number>([
  ATTRIBUTES.mappedAddress,
  ATTRIBUTES.errorCode,
  ATTRIBUTES.unknownAttributes,
  ATTRIBUTES.xorMappedAddress,
  ...[0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007, 0x0008, 0x000b, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e],
  // ICE checks (RFC 8445) that reach us carry PRIORITY and USE-CANDIDATE.
  ...[0x0024, 0x0025],
]);

export interface BindingRequestOptions extends EncodeOptions {
  /** SOFTWARE, for the server's log; at most 128 characters are sent. */
  software?: string;
}

/** A binding request (RFC 8489, 3). */
export function encodeBindingRequest(transactionId: Buffer, options: BindingRequestOptions = {}): Buffer {
  const attributes =
    options.software === undefined
      ? []
      : [{ type: ATTRIBUTES.software, value: Buffer.from(options.software.slice(0, 128)) }];
  return encodeStun({ type: MESSAGE_TYPES.bindingRequest, transactionId, attributes }, options);
}

/** A binding indication, which has no answer: it keeps a NAT binding open (RFC 8489, 2; RFC 8445, 11). */
export function encodeBindingIndication(transactionId: Buffer): Buffer {
  return encodeStun({ type: MESSAGE_TYPES.bindingIndication, transactionId, attributes: [] });
}

/** Result of a binding request, from its response. */
export type BindingAnswer =
  | { kind: 'mapped'; mapped: MappedAddress }
  | { kind: 'error'; code: number; reason: string }
  /** A response to our request, but without an address or with attributes that we had to understand. */
  | { kind: 'unusable' };

/**
 * Reads the response to the request with that transaction id; undefined for any other datagram, which
 * is not the answer to it. Never throws.
 */
export function decodeBindingResponse(bytes: Buffer, transactionId: Buffer): BindingAnswer | undefined {
  const message = decodeStun(bytes);
  if (!message?.transactionId.equals(transactionId)) return undefined;
  if (message.type === MESSAGE_TYPES.bindingError) return readError(message);
  if (message.type !== MESSAGE_TYPES.bindingSuccess) return undefined;
  const mapped = unknownAttributes(message).length === 0 ? readMappedAddress(message) : undefined;
  return mapped && mapped.port > 0 ? { kind: 'mapped', mapped } : { kind: 'unusable' };
}

/**
 * Our answer to a binding request that reached one of our sockets: the sender's address, or 420 for
 * attributes that we would have to understand (RFC 8489, 6.3.1). Undefined when it is no binding
 * request; never longer than three times the request, so that it is of no use for amplification.
 */
export function answerBindingRequest(
  bytes: Buffer,
  source: { address: string; port: number },
): Buffer | undefined {
  const request = decodeStun(bytes);
  if (request?.type !== MESSAGE_TYPES.bindingRequest) return undefined;
  const { transactionId } = request;
  const unknown = unknownAttributes(request).slice(0, 8);
  if (unknown.length === 0) {
    const value = writeXorMappedAddress(source, transactionId);
    const attributes = [{ type: ATTRIBUTES.xorMappedAddress, value }];
    return encodeStun({ type: MESSAGE_TYPES.bindingSuccess, transactionId, attributes });
  }
  const list = Buffer.alloc(2 * unknown.length);
  unknown.forEach((type, index) => list.writeUInt16BE(type, 2 * index));
  return encodeStun({
    type: MESSAGE_TYPES.bindingError,
    transactionId,
    attributes: [
      { type: ATTRIBUTES.errorCode, value: Buffer.from([0, 0, 4, 20]) },
      { type: ATTRIBUTES.unknownAttributes, value: list },
    ],
  });
}

/** ERROR-CODE (RFC 8489, 14.8): class and number in the third and fourth byte, then a UTF-8 phrase. */
function readError(message: StunMessage): BindingAnswer {
  const value = findAttribute(message, ATTRIBUTES.errorCode);
  if (!value || value.length < 4) return { kind: 'unusable' };
  const code = (value[2] & 7) * 100 + value[3];
  const reason = value.toString('utf8', 4, 4 + 128).replace(/[^\x20-\x7e\u00a0-\ufffd]/g, '?');
  return code >= 300 && code <= 699 && value[3] < 100
    ? { kind: 'error', code, reason }
    : { kind: 'unusable' };
}

function unknownAttributes(message: StunMessage): number[] {
  return message.attributes.map(({ type }) => type).filter((type) => type < 0x8000 && !TOLERATED.has(type));
}
