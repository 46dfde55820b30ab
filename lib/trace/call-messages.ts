/** Enough for a usual call; most never need more. */
const USUAL_BYTES = 8192;
/** Buffers of that size that wait for the next call. */
const MAX_SPARE = 64;
/** In front of each message: length of all that follows, time, length of the facts. */
const HEAD_BYTES = 4 + 8 + 2;
const spare: Buffer[] = [];
const EMPTY = Buffer.alloc(0);

/**
 * The messages of one call, one behind the other in one buffer. As objects, thousands of them would live just
 * long enough to reach the old generation of the heap, which is costly to collect.
 */
export class CallMessages {
  #buffer: Buffer = spare.pop() ?? Buffer.allocUnsafeSlow(USUAL_BYTES);
  #used = 0;
  #count = 0;
  /** Bytes of the messages alone. */
  #bytes = 0;
  #forgotten = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that `shift` has taken. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** @param facts what else is to be known of the message, latin1 */
  append(atMs: number, facts: string, bytes: Buffer): void {
    const length = 8 + 2 + facts.length + bytes.length;
    this.#makeRoom(4 + length);
    const buffer = this.#buffer;
    let place = buffer.writeUInt32LE(length, this.#used);
    place = buffer.writeDoubleLE(atMs, place);
    place = buffer.writeUInt16LE(facts.length, place);
    place += buffer.write(facts, place, 'latin1');
    buffer.set(bytes, place);
    this.#used = place + bytes.length;
    this.#count += 1;
    this.#bytes += bytes.length;
  }

  /** Forgets the oldest message. Returns its bytes. */
  shift(): number {
    const next = 4 + this.#buffer.readUInt32LE(0);
    const bytes = next - HEAD_BYTES - this.#buffer.readUInt16LE(12);
    this.#buffer.copyWithin(0, next, this.#used);
    this.#used -= next;
    this.#count -= 1;
    this.#bytes -= bytes;
    this.#forgotten += 1;
    return bytes;
  }

  /** The messages in order of arrival; their bytes are valid until the next change. */
  read(): { atMs: number; facts: string; bytes: Buffer }[] {
    const buffer = this.#buffer;
    const messages = [];
    let place = 0;
    while (place < this.#used) {
      const next = place + 4 + buffer.readUInt32LE(place);
      const begin = place + HEAD_BYTES + buffer.readUInt16LE(place + 12);
      messages.push({
        atMs: buffer.readDoubleLE(place + 4),
        facts: buffer.toString('latin1', place + HEAD_BYTES, begin),
        bytes: buffer.subarray(begin, next),
      });
      place = next;
    }
    return messages;
  }

  /** Forgets everything; the buffer goes to the next call. */
  clear(): void {
    this.#release();
    this.#buffer = EMPTY;
    this.#used = this.#count = this.#bytes = this.#forgotten = 0;
  }

  #makeRoom(length: number): void {
    const needed = this.#used + length;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#release();
    this.#buffer = larger;
  }

  #release(): void {
    if (this.#buffer.length === USUAL_BYTES && spare.length < MAX_SPARE) spare.push(this.#buffer);
  }
}
