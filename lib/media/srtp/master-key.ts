import { SipflowError } from '../../common';
import { masterLength, SRTP_SUITE_NAMES, srtpSuite } from './suites';
import type { SrtpSuite } from './suites';

/** Key and salt together, and the identifier (MKI) that packets under them carry, when they carry one. */
export interface MasterKey {
  readonly master: Uint8Array;
  readonly mki?: Uint8Array;
}

/** Longest identifier (MKI) in bytes (RFC 4568, 6.1). */
export const MAX_MKI_LENGTH = 128;

/**
 * The suite of negotiated keys, after checking that all fit, and a copy of the keys.
 *
 * @param given one key, or a list of keys that all have identifiers of one length.
 * @throws SipflowError BAD_CONFIG that names the suite or the lengths, never a key.
 */
export function checkMasters(
  suiteName: string,
  given: Uint8Array | readonly MasterKey[],
): { suite: SrtpSuite; masters: readonly MasterKey[] } {
  const suite = srtpSuite(suiteName);
  if (suite === undefined) {
    throw new SipflowError(
      'BAD_CONFIG',
      `SRTP suite ${suiteName} is not supported; offer one of ${SRTP_SUITE_NAMES.join(', ')}.`,
    );
  }
  const masters = given instanceof Uint8Array ? [{ master: given }] : given;
  for (const { master } of masters) {
    if (master.length === masterLength(suite)) continue;
    throw new SipflowError(
      'BAD_CONFIG',
      `The SRTP key of ${suite.name} must be ${masterLength(suite)} bytes (key and salt), not ${master.length}.`,
    );
  }
  checkIdentifiers(masters);
  return { suite, masters: masters.map(copy) };
}

/** Whether both lists hold the same keys under the same identifiers, in the same order. */
export function sameMasters(ones: readonly MasterKey[], others: readonly MasterKey[]): boolean {
  return ones.length === others.length && ones.every((one, index) => isSame(one, others[index]));
}

/**
 * The keys out of the key parameters of an `a=crypto` line (RFC 4568, 9.1 and 9.2): `inline:` may be missing,
 * lifetimes are passed over. Their lengths are not checked here.
 */
export function masterKeysOf(keyParameters: string): MasterKey[] {
  return keyParameters.split(';').map((parameter) => {
    const [base64, ...options] = parameter.replace(/^inline:/i, '').split('|');
    const master = Buffer.from(base64, 'base64');
    const [, value, length] = /^(\d+):(\d+)$/.exec(options.at(-1) ?? '') ?? [];
    return value === undefined ? { master } : { master, mki: identifier(value, Number(length)) };
  });
}

/** A decimal number as `length` bytes, most significant first. */
function identifier(value: string, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.min(length, MAX_MKI_LENGTH));
  let rest = BigInt(value);
  for (let at = bytes.length - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function checkIdentifiers(masters: readonly MasterKey[]): void {
  const [first] = masters;
  const length = first?.mki?.length ?? 0;
  const fit = masters.every(({ mki }) => (mki?.length ?? 0) === length);
  if (masters.length > 0 && fit && length <= MAX_MKI_LENGTH && (length > 0 || masters.length === 1)) return;
  throw new SipflowError(
    'BAD_CONFIG',
    `Several SRTP keys of one stream need identifiers (MKI) of one length, from 1 to ${MAX_MKI_LENGTH} bytes.`,
  );
}

function copy({ master, mki }: MasterKey): MasterKey {
  return { master: Uint8Array.from(master), ...(mki?.length ? { mki: Uint8Array.from(mki) } : {}) };
}

function isSame(one: MasterKey, other: MasterKey): boolean {
  return equalBytes(one.master, other.master) && equalBytes(one.mki, other.mki);
}

function equalBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(one, other) === 0;
}
