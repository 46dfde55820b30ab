import { memory } from '../memory/cells';
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

/** Cells of a slot: media time, length of the audio, and words. */
const SLOT_CELLS = 4;
const MEDIA = 0;
const DURATION = 1;
const TIMESTAMP = 4;
const LENGTH = 5;
/** Payload type, marker, and from the ninth bit on the byte that the whole payload is made of, plus one; 0 when it is mixed. */
const KIND = 6;
const STATE = 7;
const MARKER_BIT = 0x80;
const STILL_SHIFT = 8;
const MIXED = -1;

/** One cell for the number of packets that wait, then the slots. */
const FIRST_SLOT = 1;

/** Cells that `count` slots need. */
export const cellsOfSlots = (count: number): number => FIRST_SLOT + count * SLOT_CELLS;

/** Shared by all buffers of the thread: a packet is used up before the next one is taken out. */
const current = emptyPacket();
const ahead = emptyPacket();

/**
 * Preallocated slots for packets, found by the lower bits of the extended sequence number. The owner keeps
 * at most `count` numbers in use, so no two of them share a slot.
 */
export class Slots {
  /** The packet that was taken out last, and the one that was looked at; each the same for all buffers. */
  readonly current = current;
  readonly ahead = ahead;
  readonly #at: number;
  readonly #mask: number;
  readonly #bytes: Uint8Array;

  /** @param at of its cells. */
  constructor(
    readonly count: number,
    readonly slotBytes: number,
    at: number,
  ) {
    this.#at = at;
    this.#mask = count - 1;
    this.#bytes = new Uint8Array(count * slotBytes);
  }

  /** Number of packets that wait. */
  get audio(): number {
    return memory.words[2 * this.#at];
  }

  /** The first number from `next` on with a packet that waits, or −1 when none waits. */
  firstAudio(next: number): number {
    if (memory.words[2 * this.#at] === 0) return -1;
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
    return memory.words[2 * this.#place(extended) + STATE] as SlotState;
  }

  /** Marks a slot that holds no audio. */
  mark(extended: number, state: SlotState): void {
    memory.words[2 * this.#place(extended) + STATE] = state;
  }

  /** Empties a slot. */
  clear(extended: number): void {
    const { words } = memory;
    const state = 2 * this.#place(extended) + STATE;
    if (words[state] === SlotState.Audio) words[2 * this.#at]--;
    words[state] = SlotState.Empty;
  }

  clearAll(): void {
    memory.numbers.fill(0, this.#at, this.#at + cellsOfSlots(this.count));
  }

  /** Stores a packet in an empty slot; without room for payloads only its header. */
  store(extended: number, media: number, duration: number, header: RtpFields, packet: Uint8Array): void {
    const { numbers, words } = memory;
    const place = this.#place(extended);
    const kept = this.slotBytes === 0 ? 0 : header.payloadLength;
    const still = kept === 0 ? MIXED : stillByte(packet, header.payloadOffset, kept);
    const marker = header.marker ? MARKER_BIT : 0;
    numbers[place + MEDIA] = media;
    numbers[place + DURATION] = duration;
    words[2 * place + TIMESTAMP] = header.timestamp;
    words[2 * place + LENGTH] = kept;
    words[2 * place + KIND] = header.payloadType | marker | ((still + 1) << STILL_SHIFT);
    words[2 * place + STATE] = SlotState.Audio;
    words[2 * this.#at]++;
    // Silent payloads are shared by all streams: their bytes are not stored for each packet.
    if (still !== MIXED) return;
    const start = (extended & this.#mask) * this.slotBytes;
    // A loop: for payloads of this size it is as fast as TypedArray.set, which would need a view of the packet.
    const bytes = this.#bytes;
    const from = header.payloadOffset;
    for (let i = 0; i < kept; i++) bytes[start + i] = packet[from + i];
  }

  /** Unwrapped media time in RTP clock units. */
  media(extended: number): number {
    return memory.numbers[this.#place(extended) + MEDIA];
  }

  /** Length of the audio in RTP clock units. */
  duration(extended: number): number {
    return memory.numbers[this.#place(extended) + DURATION];
  }

  /** Describes a packet of the store in `packet`. */
  describe(extended: number, packet: PlayoutPacket): void {
    const { numbers, words } = memory;
    const place = this.#place(extended);
    const kind = words[2 * place + KIND];
    const still = (kind >> STILL_SHIFT) - 1;
    packet.sequence = extended & 0xffff;
    packet.timestamp = words[2 * place + TIMESTAMP];
    packet.payloadType = kind & (MARKER_BIT - 1);
    packet.marker = (kind & MARKER_BIT) !== 0;
    packet.still = still !== MIXED;
    packet.bytes = packet.still ? stillBytes(still, this.slotBytes) : this.#bytes;
    packet.offset = packet.still ? 0 : (extended & this.#mask) * this.slotBytes;
    packet.length = words[2 * place + LENGTH];
    packet.durationUnits = numbers[place + DURATION];
  }

  #place(extended: number): number {
    return this.#at + FIRST_SLOT + (extended & this.#mask) * SLOT_CELLS;
  }
}

/** An object for `describe` to fill in. */
function emptyPacket(): PlayoutPacket {
  return {
    ssrc: 0,
    sequence: 0,
    timestamp: 0,
    payloadType: 0,
    marker: false,
    bytes: new Uint8Array(0),
    offset: 0,
    length: 0,
    still: false,
    durationUnits: 0,
    missingBefore: 0,
  };
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
