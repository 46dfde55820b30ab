/** Two positions before the samples: where the writer is and where the reader is. */
const HEADER_BYTES = 8;
const WRITTEN = 0;
const READ = 1;

/**
 * A bounded ring of 16-bit samples in shared memory, for one writer and one reader in different threads (or
 * the same). It never blocks: samples that do not fit are not written, samples that are not there are not read.
 */
export class AudioRing {
  readonly #positions: Int32Array;
  readonly #samples: Int16Array;
  readonly #mask: number;

  /** @param memory as `AudioRing.allocate` makes it; both sides wrap the same one. */
  constructor(memory: SharedArrayBuffer) {
    this.#positions = new Int32Array(memory, 0, 2);
    this.#samples = new Int16Array(memory, HEADER_BYTES);
    this.#mask = this.#samples.length - 1;
  }

  /** @param capacity in samples, a power of two. */
  static allocate(capacity: number): SharedArrayBuffer {
    return new SharedArrayBuffer(HEADER_BYTES + 2 * capacity);
  }

  /** Samples that can be read. Positions are counted modulo 2³², so the difference survives their wrap. */
  get available(): number {
    return (Atomics.load(this.#positions, WRITTEN) - Atomics.load(this.#positions, READ)) | 0;
  }

  /** Position of the next sample to write, modulo 2³². */
  get writePosition(): number {
    return Atomics.load(this.#positions, WRITTEN);
  }

  /** Position of the next sample to read, modulo 2³². */
  get readPosition(): number {
    return Atomics.load(this.#positions, READ);
  }

  /** The writer's side: appends as many of the first `count` samples as fit. */
  write(pcm: Int16Array | Float32Array, count: number): void {
    const position = Atomics.load(this.#positions, WRITTEN);
    const fitting = Math.min(count, this.#samples.length - this.available);
    for (let index = 0; index < fitting; index++) this.#samples[(position + index) & this.#mask] = pcm[index];
    Atomics.store(this.#positions, WRITTEN, (position + fitting) | 0);
  }

  /** The reader's side: takes `count` samples; there must be as many. */
  read(pcm: Int16Array, count: number): void {
    const position = Atomics.load(this.#positions, READ);
    for (let index = 0; index < count; index++) pcm[index] = this.#samples[(position + index) & this.#mask];
    this.skip(count);
  }

  /** The reader's side: leaves out `count` samples; there must be as many. */
  skip(count: number): void {
    Atomics.store(this.#positions, READ, (Atomics.load(this.#positions, READ) + count) | 0);
  }
}
