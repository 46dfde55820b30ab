import type { PlayoutPacket, RtpFields } from './types';

/** What a place of the buffer holds. */
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

/**
 * Preallocated places for packets, found by the lower bits of their extended sequence number. The owner keeps
 * at most `count` numbers in play, so no two of them meet in one place.
 */
export class Slots {
  readonly count: number;
  readonly slotBytes: number;
  readonly #bytes: Uint8Array;
  readonly #state: Uint8Array;
  readonly #media: Float64Array;
  readonly #timestamp: Uint32Array;
  readonly #duration: Float64Array;
  readonly #length: Uint16Array;
  readonly #payloadType: Uint8Array;
  readonly #marker: Uint8Array;
  #audio = 0;

  constructor(count: number, slotBytes: number) {
    this.count = count;
    this.slotBytes = slotBytes;
    this.#bytes = new Uint8Array(count * slotBytes);
    this.#state = new Uint8Array(count);
    this.#media = new Float64Array(count);
    this.#timestamp = new Uint32Array(count);
    this.#duration = new Float64Array(count);
    this.#length = new Uint16Array(count);
    this.#payloadType = new Uint8Array(count);
    this.#marker = new Uint8Array(count);
  }

  /** Number of packets that wait. */
  get audio(): number {
    return this.#audio;
  }

  /** All payloads, one slot behind the other. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  state(extended: number): SlotState {
    return this.#state[this.#place(extended)] as SlotState;
  }

  /** Marks a place that holds no audio. */
  mark(extended: number, state: SlotState): void {
    this.#state[this.#place(extended)] = state;
  }

  /** Empties a place. */
  clear(extended: number): void {
    const place = this.#place(extended);
    if (this.#state[place] === SlotState.Audio) this.#audio--;
    this.#state[place] = SlotState.Empty;
  }

  clearAll(): void {
    this.#state.fill(SlotState.Empty);
    this.#audio = 0;
  }

  /** Keeps a packet in an empty place; without room for payloads only its header. */
  store(extended: number, media: number, duration: number, header: RtpFields, packet: Uint8Array): void {
    const place = this.#place(extended);
    this.#state[place] = SlotState.Audio;
    this.#audio++;
    this.#media[place] = media;
    this.#duration[place] = duration;
    this.#timestamp[place] = header.timestamp;
    this.#payloadType[place] = header.payloadType;
    this.#marker[place] = header.marker ? 1 : 0;
    const kept = this.slotBytes === 0 ? 0 : header.payloadLength;
    this.#length[place] = kept;
    const start = place * this.slotBytes;
    // A loop: for payloads of this size it is as fast as TypedArray.set, which would need a view of the packet.
    for (let i = 0; i < kept; i++) this.#bytes[start + i] = packet[header.payloadOffset + i];
  }

  /** Unwrapped media time in RTP clock units. */
  media(extended: number): number {
    return this.#media[this.#place(extended)];
  }

  /** Length of the audio in RTP clock units. */
  duration(extended: number): number {
    return this.#duration[this.#place(extended)];
  }

  /** Describes a packet of the store in `packet`. */
  describe(extended: number, packet: PlayoutPacket): void {
    const place = this.#place(extended);
    packet.sequence = extended & 0xffff;
    packet.timestamp = this.#timestamp[place];
    packet.payloadType = this.#payloadType[place];
    packet.marker = this.#marker[place] === 1;
    packet.offset = place * this.slotBytes;
    packet.length = this.#length[place];
    packet.durationUnits = this.#duration[place];
  }

  #place(extended: number): number {
    return extended & (this.count - 1);
  }
}
