import type { SrtpSuite } from './suites';
import type { SrtpTransform } from './transform';

/** One master key's transform and the identifier that packets under it carry. */
export interface IdentifiedTransform {
  readonly mki: Uint8Array;
  readonly transform: SrtpTransform;
}

/**
 * Several master keys of one suite, told apart by the identifier (MKI) in each packet, or one key whose packets carry
 * an identifier (RFC 3711, 3.1 and 3.4). The MKI stands before the authentication tag, in GCM behind everything, since
 * its tag is part of the ciphertext (RFC 7714, 8.2 and 9.2); it is neither encrypted nor authenticated. So it is put
 * in after the packet was protected, and taken out before it is checked. The first key is the one that we send under.
 */
export class MkiTransform implements SrtpTransform {
  readonly suite: SrtpSuite;
  readonly rtpOverhead: number;
  readonly rtcpOverhead: number;
  readonly #keys: readonly IdentifiedTransform[];
  readonly #mkiLength: number;
  /** Bytes of a packet behind its MKI. */
  readonly #rtpTrailer: number;
  readonly #rtcpTrailer: number;

  /** @param keys at least one, with identifiers of one length. */
  constructor(keys: readonly IdentifiedTransform[]) {
    const [{ mki, transform }] = keys;
    this.#keys = keys;
    this.#mkiLength = mki.length;
    this.suite = transform.suite;
    this.rtpOverhead = transform.rtpOverhead + mki.length;
    this.rtcpOverhead = transform.rtcpOverhead + mki.length;
    this.#rtpTrailer = this.suite.mode === 'cm' ? this.suite.rtpTagLength : 0;
    this.#rtcpTrailer = this.suite.mode === 'cm' ? this.suite.rtcpTagLength : 0;
  }

  protectRtp(
    packet: Uint8Array,
    length: number,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number {
    const [{ mki, transform }] = this.#keys;
    const end = transform.protectRtp(packet, length, headerLength, ssrc, roc, sequence);
    return insert(packet, end, mki, this.#rtpTrailer);
  }

  verifyRtp(
    packet: Uint8Array,
    length: number,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): boolean {
    const key = this.#keyOf(packet, length - this.#rtpTrailer);
    if (key === undefined) return false;
    const end = this.#takeOut(packet, length, this.#rtpTrailer);
    const genuine = key.transform.verifyRtp(packet, end, headerLength, ssrc, roc, sequence);
    insert(packet, end, key.mki, this.#rtpTrailer);
    return genuine;
  }

  decryptRtp(
    packet: Uint8Array,
    length: number,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number {
    const { transform } = this.#keyOf(packet, length - this.#rtpTrailer) ?? this.#keys[0];
    const end = this.#takeOut(packet, length, this.#rtpTrailer);
    return transform.decryptRtp(packet, end, headerLength, ssrc, roc, sequence);
  }

  protectRtcp(packet: Uint8Array, length: number, ssrc: number, index: number): number {
    const [{ mki, transform }] = this.#keys;
    return insert(packet, transform.protectRtcp(packet, length, ssrc, index), mki, this.#rtcpTrailer);
  }

  rtcpIndexWord(packet: Uint8Array, length: number): number {
    // The index stands before the MKI, so it lies by the MKI's length further from the end than without one.
    return this.#keys[0].transform.rtcpIndexWord(packet, length - this.#mkiLength);
  }

  verifyRtcp(packet: Uint8Array, length: number, ssrc: number, indexWord: number): boolean {
    const key = this.#keyOf(packet, length - this.#rtcpTrailer);
    if (key === undefined) return false;
    const end = this.#takeOut(packet, length, this.#rtcpTrailer);
    const genuine = key.transform.verifyRtcp(packet, end, ssrc, indexWord);
    insert(packet, end, key.mki, this.#rtcpTrailer);
    return genuine;
  }

  decryptRtcp(packet: Uint8Array, length: number, ssrc: number, indexWord: number): number {
    const { transform } = this.#keyOf(packet, length - this.#rtcpTrailer) ?? this.#keys[0];
    const end = this.#takeOut(packet, length, this.#rtcpTrailer);
    return transform.decryptRtcp(packet, end, ssrc, indexWord);
  }

  /** The key whose identifier ends at `end`. */
  #keyOf(packet: Uint8Array, end: number): IdentifiedTransform | undefined {
    const start = end - this.#mkiLength;
    for (let k = 0; k < this.#keys.length; k++) {
      const { mki } = this.#keys[k];
      let at = 0;
      while (at < mki.length && packet[start + at] === mki[at]) at++;
      if (at === mki.length) return this.#keys[k];
    }
    return undefined;
  }

  /** Moves the last `trailer` bytes over the MKI before them and returns the new length. */
  #takeOut(packet: Uint8Array, length: number, trailer: number): number {
    const end = length - this.#mkiLength;
    for (let at = end - trailer; at < end; at++) packet[at] = packet[at + this.#mkiLength];
    return end;
  }
}

/** Puts the identifier before the last `trailer` bytes and returns the new length. */
function insert(packet: Uint8Array, length: number, mki: Uint8Array, trailer: number): number {
  const start = length - trailer;
  for (let at = length - 1; at >= start; at--) packet[at + mki.length] = packet[at];
  for (let at = 0; at < mki.length; at++) packet[start + at] = mki[at];
  return length + mki.length;
}
