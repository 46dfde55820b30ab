/**
 * A record: time of the packet (8 bytes), length in the ring, length of the packet, endpoint, flags (2 each), then its
 * bytes, filled up to a multiple of 8.
 */
export const RECORD_HEAD = 16;
const AT = 0;
const KEPT = 8;
const LENGTH = 10;
const ENDPOINT = 12;
const FLAGS = 14;

/** Flags of a packet. */
export const OUTGOING = 1;
/** It used the port of RTCP. */
export const RTCP_PORT = 2;

/** Longest piece of a packet that is kept; more than any datagram of audio has. */
export const MAX_KEPT = 8192;

/** A packet of a ring, as `readRecords` finds it. */
export interface RingRecord {
  at: number;
  length: number;
  endpoint: number;
  flags: number;
  bytes: Uint8Array;
}

/** Bytes of the record of a packet of which so many are kept. */
export function recordSize(kept: number): number {
  return (RECORD_HEAD + kept + 7) & ~7;
}

/** The packets in what `PacketRing.read` has returned. */
export function* readRecords(records: Uint8Array<ArrayBuffer>): Generator<RingRecord, void, void> {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  let place = 0;
  while (place + RECORD_HEAD <= records.length) {
    const start = place + RECORD_HEAD;
    const kept = view.getUint16(place + KEPT, true);
    yield {
      at: view.getFloat64(place + AT, true),
      length: view.getUint16(place + LENGTH, true),
      endpoint: view.getUint16(place + ENDPOINT, true),
      flags: view.getUint16(place + FLAGS, true),
      bytes: records.subarray(start, start + kept),
    };
    place += recordSize(kept);
  }
}
