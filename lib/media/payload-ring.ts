/** Packets that may wait; a cushion of a bridge is 120 ms. */
const PLACES = 32;
/** The longest packet that is copied: Opus, or 60 ms of L16. */
const PLACE_BYTES = 1920;
/** Written and read packets, then for each place: position, samples, bytes. */
const COUNTERS = 2;
const FIELDS = 3;
const HEADER_BYTES = 4 * (COUNTERS + FIELDS * PLACES);
const WRITTEN = 0;
const READ = 1;

/**
 * Companion of an `AudioRing`: the packets that its samples were decoded from, by the position of their first sample,
 * so that a session with the same codec sends the same bytes on. One writer, one reader; packets that do not fit are
 * left out, and their samples are encoded again.
 */
export class PayloadRing {
  readonly #header: Int32Array;
  readonly #bytes: Uint8Array;

  /** @param memory as `PayloadRing.allocate` makes it; both sides wrap the same one. */
  constructor(memory: SharedArrayBuffer) {
    this.#header = new Int32Array(memory, 0, COUNTERS + FIELDS * PLACES);
    this.#bytes = new Uint8Array(memory, HEADER_BYTES);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(HEADER_BYTES + PLACES * PLACE_BYTES);
  }

  /**
   * The writer's side; before the samples are written.
   *
   * @param position of the first sample in the audio ring; @param samples that the packet was decoded to.
   */
  write(position: number, samples: number, packet: Uint8Array, offset: number, length: number): void {
    const header = this.#header;
    const written = Atomics.load(header, WRITTEN);
    if (length > PLACE_BYTES || ((written - Atomics.load(header, READ)) | 0) >= PLACES) return;
    const place = written & (PLACES - 1);
    const field = COUNTERS + FIELDS * place;
    header[field] = position;
    header[field + 1] = samples;
    header[field + 2] = length;
    for (let index = 0; index < length; index++) {
      this.#bytes[place * PLACE_BYTES + index] = packet[offset + index];
    }
    Atomics.store(header, WRITTEN, (written + 1) | 0);
  }

  /** The reader's side: samples from `position` to the next packet, after forgetting older ones; −1 without one. */
  distance(position: number): number {
    const header = this.#header;
    let read = Atomics.load(header, READ);
    while (read !== Atomics.load(header, WRITTEN)) {
      const distance = (header[COUNTERS + FIELDS * (read & (PLACES - 1))] - position) | 0;
      if (distance >= 0) return distance;
      read = (read + 1) | 0;
      Atomics.store(header, READ, read);
    }
    return -1;
  }

  /** The reader's side: copies the packet of exactly these samples; returns its length, 0 when there is none. */
  take(position: number, samples: number, target: Uint8Array, offset: number): number {
    if (this.distance(position) !== 0) return 0;
    const read = Atomics.load(this.#header, READ);
    const place = read & (PLACES - 1);
    const field = COUNTERS + FIELDS * place;
    const length = this.#header[field + 2];
    if (this.#header[field + 1] !== samples || offset + length > target.length) return 0;
    for (let index = 0; index < length; index++) {
      target[offset + index] = this.#bytes[place * PLACE_BYTES + index];
    }
    Atomics.store(this.#header, READ, (read + 1) | 0);
    return length;
  }
}
