import type { PlayoutPacket, RtpFields } from './types';

/** State of a slot of the buffer. */
export const SlotState = {
  /** Nothing came with this sequence number yet. */
  Empty: 0,
  /** A packet that waits to be played. */
  Audio: 1,
  /** A packet that is no audio (a telephone event): it takes part in the numbering only. */
  Other: 2,
  /** The packet came, but cannot be played: too late, or too long. */
  Unusable: 3,
} as const;

export type SlotState = (typeof SlotState)[keyof typeof SlotState];

/** Numbers stored for a packet, and their places in its row of `#fields`. */
const FIELDS = 7;
const MEDIA = 0;
const DURATION = 1;
const TIMESTAMP = 2;
const LENGTH = 3;
const PAYLOAD_TYPE = 4;
const MARKER = 5;
/** The byte that the whole payload is made of, or `MIXED`. */
const STILL = 6;
const MIXED = -1;

/**
 * Preallocated slots for packets, found by the lower bits of the extended sequence number. The owner keeps
 * at most `count` numbers in use, so no two of them share a slot.
 *
 * The fields of a packet lie side by side: with an array per field, a worker with hundreds of streams had a dozen
 * more cache misses for each packet.
 */
export class Slots {
  readonly count: number;
  readonly slotBytes: number;
  readonly #bytes: Uint8Array;
  readonly #state: Uint8Array;
  readonly #fields: Float64Array;
  #audio = 0;

  constructor(count: number, slotBytes: number) {
    this.count = count;
    this.slotBytes = slotBytes;
    this.#bytes = new Uint8Array(count * slotBytes);
    this.#state = new Uint8Array(count);
    this.#fields = new Float64Array(count * FIELDS);
  }

  /** Number of packets that wait. */
  get audio(): number {
    return this.#audio;
  }

  /** An object for `describe` to fill in. */
  emptyPacket(): PlayoutPacket {
    return {
      ssrc: 0,
      sequence: 0,
      timestamp: 0,
      payloadType: 0,
      marker: false,
      bytes: this.#bytes,
      offset: 0,
      length: 0,
      still: false,
      durationUnits: 0,
      missingBefore: 0,
    };
  }

  /** The first number from `next` on with a packet that waits, or −1 when none waits. */
  firstAudio(next: number): number {
    if (this.#audio === 0) return -1;
    let first = next;
    while (this.state(first) !== SlotState.Audio) first++;
    return first;
  }

  /** Whether a number from `next` up to before `end` is missing; events and pauses of the sender are no holes. */
  hasHole(next: number, end: number): boolean {
    for (let number = next; number < end; number++) {
      if (this.state(number) !== SlotState.Other) return true;
    }
    return false;
  }

  state(extended: number): SlotState {
    return this.#state[this.#place(extended)] as SlotState;
  }

  /** Marks a slot that holds no audio. */
  mark(extended: number, state: SlotState): void {
    this.#state[this.#place(extended)] = state;
  }

  /** Empties a slot. */
  clear(extended: number): void {
    const place = this.#place(extended);
    if (this.#state[place] === SlotState.Audio) this.#audio--;
    this.#state[place] = SlotState.Empty;
  }

  clearAll(): void {
    this.#state.fill(SlotState.Empty);
    this.#audio = 0;
  }

  /** Stores a packet in an empty slot; without room for payloads only its header. */
  store(extended: number, media: number, duration: number, header: RtpFields, packet: Uint8Array): void {
    const place = this.#place(extended);
    this.#state[place] = SlotState.Audio;
    this.#audio++;
    const kept = this.slotBytes === 0 ? 0 : header.payloadLength;
    const fields = this.#fields;
    const row = place * FIELDS;
    fields[row + MEDIA] = media;
    fields[row + DURATION] = duration;
    fields[row + TIMESTAMP] = header.timestamp;
    fields[row + LENGTH] = kept;
    fields[row + PAYLOAD_TYPE] = header.payloadType;
    fields[row + MARKER] = header.marker ? 1 : 0;
    const still = kept === 0 ? MIXED : stillByte(packet, header.payloadOffset, kept);
    fields[row + STILL] = still;
    // Silent payloads are shared by all streams: their bytes are not stored for each packet.
    if (still !== MIXED) return;
    const start = place * this.slotBytes;
    // A loop: for payloads of this size it is as fast as TypedArray.set, which would need a view of the packet.
    const bytes = this.#bytes;
    const from = header.payloadOffset;
    for (let i = 0; i < kept; i++) bytes[start + i] = packet[from + i];
  }

  /** Unwrapped media time in RTP clock units. */
  media(extended: number): number {
    return this.#fields[this.#place(extended) * FIELDS + MEDIA];
  }

  /** Length of the audio in RTP clock units. */
  duration(extended: number): number {
    return this.#fields[this.#place(extended) * FIELDS + DURATION];
  }

  /** Describes a packet of the store in `packet`. */
  describe(extended: number, packet: PlayoutPacket): void {
    const place = this.#place(extended);
    const fields = this.#fields;
    const row = place * FIELDS;
    packet.sequence = extended & 0xffff;
    packet.timestamp = fields[row + TIMESTAMP];
    packet.payloadType = fields[row + PAYLOAD_TYPE];
    packet.marker = fields[row + MARKER] === 1;
    const still = fields[row + STILL];
    packet.still = still !== MIXED;
    packet.bytes = packet.still ? stillBytes(still, this.slotBytes) : this.#bytes;
    packet.offset = packet.still ? 0 : place * this.slotBytes;
    packet.length = fields[row + LENGTH];
    packet.durationUnits = fields[row + DURATION];
  }

  #place(extended: number): number {
    return extended & (this.count - 1);
  }
}

/** The one byte that the payload consists of, or `MIXED`, which shows within a few bytes unless the audio is silent. */
function stillByte(packet: Uint8Array, offset: number, length: number): number {
  const byte = packet[offset];
  for (let i = offset + 1; i < offset + length; i++) if (packet[i] !== byte) return MIXED;
  return byte;
}

/** Silent payloads by byte, made when first needed and shared by all streams of the thread. */
const arrays: (Uint8Array | undefined)[] = Array.from({ length: 256 });

/**
 * Payload of a silent packet: at least `length` times the same byte. Shared, so it must not be written to.
 *
 * @param byte 0–255.
 */
function stillBytes(byte: number, length: number): Uint8Array {
  const known = arrays[byte];
  if (known && known.length >= length) return known;
  const made = new Uint8Array(length).fill(byte);
  arrays[byte] = made;
  return made;
}
