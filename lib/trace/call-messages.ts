/** Enough for a usual call; most never need more. */
const USUAL_BYTES = 8192;
/** Buffers of that size that wait for the next call. */
const MAX_SPARE = 64;
/** In front of each message: length of its bytes, time. */
const HEAD_BYTES = 4 + 8;
const spare: Buffer[] = [];
const EMPTY = Buffer.alloc(0);

/**
 * The messages of one call, one behind the other in one buffer. As objects, thousands of them would live just
 * long enough to reach the old generation of the heap, which is costly to collect.
 */
export class CallMessages {
  /** Of each message what else is to be known; the messages of a call share a few texts. */
  #facts: string[] = [];
  #buffer: Buffer = spare.pop() ?? Buffer.allocUnsafeSlow(USUAL_BYTES);
  #used = 0;
  /** Bytes of the messages alone. */
  #bytes = 0;
  #forgotten = 0;

  get count(): number {
    return this.#facts.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that `shift` has taken. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** @param facts what else is to be known of the message: a text that many share, because it is kept as it is */
  append(atMs: number, facts: string, bytes: Buffer): void {
    this.#makeRoom(HEAD_BYTES + bytes.length);
    const buffer = this.#buffer;
    let place = buffer.writeUInt32LE(bytes.length, this.#used);
    place = buffer.writeDoubleLE(atMs, place);
    buffer.set(bytes, place);
    this.#used = place + bytes.length;
    this.#facts.push(facts);
    this.#bytes += bytes.length;
  }

  /** Forgets the oldest message. Returns its bytes. */
  shift(): number {
    const bytes = this.#buffer.readUInt32LE(0);
    const next = HEAD_BYTES + bytes;
    this.#buffer.copyWithin(0, next, this.#used);
    this.#used -= next;
    this.#facts.shift();
    this.#bytes -= bytes;
    this.#forgotten += 1;
    return bytes;
  }

  /** The messages in order of arrival; their bytes are valid until the next change. */
  read(): { atMs: number; facts: string; bytes: Buffer }[] {
    const buffer = this.#buffer;
    let next = 0;
    return this.#facts.map((facts) => {
      const place = next;
      next += HEAD_BYTES + buffer.readUInt32LE(place);
      return {
        atMs: buffer.readDoubleLE(place + 4),
        facts,
        bytes: buffer.subarray(place + HEAD_BYTES, next),
      };
    });
  }

  /** Forgets everything; the buffer goes to the next call. */
  clear(): void {
    this.#release();
    this.#buffer = EMPTY;
    this.#facts = [];
    this.#used = this.#bytes = this.#forgotten = 0;
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
