/**
 * The payload of a telephone-event packet (RFC 4733 2.3):
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |     event     |E|R| volume    |          duration             |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
export const TELEPHONE_EVENT_BYTES = 4;

/** Largest duration of one event or segment, in RTP timestamp units. */
export const MAX_EVENT_DURATION = 0xffff;

/** One event report. */
export interface TelephoneEvent {
  /** Event code: 0–15 DTMF, 16 flash. */
  event: number;
  /** E bit: the event is over. */
  end: boolean;
  /** Power level as a positive number of −dBm0, 0–63. */
  volume: number;
  /** Duration so far in RTP timestamp units, 0–65535. */
  duration: number;
}

/** Writes an event report into four bytes of `target`. Nothing is allocated. */
export function writeTelephoneEvent(
  target: Uint8Array,
  offset: number,
  event: number,
  end: boolean,
  volume: number,
  duration: number,
): void {
  target[offset] = event;
  target[offset + 1] = (end ? 0x80 : 0) | (volume & 0x3f);
  target[offset + 2] = duration >> 8;
  target[offset + 3] = duration & 0xff;
}

/** Reads the event report at `offset`, or undefined when fewer than four bytes are left. */
export function readTelephoneEvent(payload: Uint8Array, offset = 0): TelephoneEvent | undefined {
  if (payload.length < offset + TELEPHONE_EVENT_BYTES) return undefined;
  return {
    event: payload[offset],
    end: (payload[offset + 1] & 0x80) !== 0,
    volume: payload[offset + 1] & 0x3f,
    duration: (payload[offset + 2] << 8) | payload[offset + 3],
  };
}
