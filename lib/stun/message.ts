import { crc32 } from 'node:zlib';

/*
 * STUN messages (RFC 8489, 5):
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |0 0|     STUN Message Type     |         Message Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                   Magic Cookie = 0x2112A442                   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     Transaction ID (96 bits)                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  attributes: type (16), length (16), value padded to 32 bits  |
 */

export const HEADER_BYTES = 20;
export const MAGIC_COOKIE = 0x2112_a442;
export const TRANSACTION_ID_BYTES = 12;
const FINGERPRINT_XOR = 0x5354_554e;
/** Real messages have fewer than ten. */
const MAX_ATTRIBUTES = 64;
/** Longer than any binding message; a datagram beyond it is not one. */
const MAX_BYTES = 2_048;

export const MESSAGE_TYPES = {
  bindingRequest: 0x0001,
  bindingIndication: 0x0011,
  bindingSuccess: 0x0101,
  bindingError: 0x0111,
} as const;

export const ATTRIBUTES = {
  mappedAddress: 0x0001,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  xorMappedAddress: 0x0020,
  software: 0x8022,
  fingerprint: 0x8028,
} as const;

export interface StunAttribute {
  type: number;
  value: Buffer;
}

export interface StunMessage {
  type: number;
  /** 12 bytes. */
  transactionId: Buffer;
  /** In order of appearance, FINGERPRINT left out. */
  attributes: StunAttribute[];
}

/**
 * Reads a datagram as a STUN message. Undefined for everything else: too short or long, another cookie,
 * lengths that do not add up, a FINGERPRINT that is wrong or not at the end. Never throws; the result
 * refers to the given bytes.
 */
export function decodeStun(bytes: Buffer): StunMessage | undefined {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_BYTES) return undefined;
  const type = bytes.readUInt16BE(0);
  const length = bytes.readUInt16BE(2);
  if ((type & 0xc000) !== 0 || length % 4 !== 0 || length + HEADER_BYTES !== bytes.length) return undefined;
  if (bytes.readUInt32BE(4) !== MAGIC_COOKIE) return undefined;

  const attributes: StunAttribute[] = [];
  for (let position = HEADER_BYTES; position < bytes.length;) {
    if (bytes.length - position < 4 || attributes.length >= MAX_ATTRIBUTES) return undefined;
    const attribute = bytes.readUInt16BE(position);
    const start = position + 4;
    const end = start + bytes.readUInt16BE(position + 2);
    const next = start + padded(end - start);
    if (next > bytes.length) return undefined;
    if (attribute === ATTRIBUTES.fingerprint) {
      const isRight =
        next === bytes.length &&
        end - start === 4 &&
        bytes.readUInt32BE(start) === fingerprint(bytes.subarray(0, position));
      if (!isRight) return undefined;
    } else {
      attributes.push({ type: attribute, value: bytes.subarray(start, end) });
    }
    position = next;
  }
  return { type, transactionId: bytes.subarray(8, HEADER_BYTES), attributes };
}

export interface EncodeOptions {
  /** Ends the message with a FINGERPRINT (RFC 8489, 14.7). */
  fingerprint?: boolean;
}

/** Writes a message. Attribute values up to 1,000 bytes; a transaction id of another length is a RangeError. */
export function encodeStun(message: StunMessage, options: EncodeOptions = {}): Buffer {
  if (message.transactionId.length !== TRANSACTION_ID_BYTES)
    throw new RangeError('a transaction id has 12 bytes');
  const parts = message.attributes.map(({ type, value }) => encodeAttribute(type, value));
  const length = parts.reduce((sum, part) => sum + part.length, 0) + (options.fingerprint ? 8 : 0);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(message.type, 0);
  header.writeUInt16BE(length, 2);
  header.writeUInt32BE(MAGIC_COOKIE, 4);
  message.transactionId.copy(header, 8);
  const bytes = Buffer.concat([header, ...parts]);
  if (!options.fingerprint) return bytes;
  const value = Buffer.alloc(4);
  value.writeUInt32BE(fingerprint(bytes));
  return Buffer.concat([bytes, encodeAttribute(ATTRIBUTES.fingerprint, value)]);
}

/** The first attribute of a type. */
export function findAttribute(message: StunMessage, type: number): Buffer | undefined {
  return message.attributes.find((attribute) => attribute.type === type)?.value;
}

function encodeAttribute(type: number, value: Buffer): Buffer {
  if (value.length > 1_000)
    throw new RangeError('a STUN attribute of this size is not needed by any of ours');
  const bytes = Buffer.alloc(4 + padded(value.length));
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

/** The CRC covers the header too, whose length already counts the FINGERPRINT. */
function fingerprint(before: Buffer): number {
  return (crc32(before) ^ FINGERPRINT_XOR) >>> 0;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
