import { ToneGenerator, type ToneSpec } from '../../../audio';
import type { FileClient } from '../file-client';

/** Source of 16-bit samples at the codec's rate, which never blocks. */
export interface SampleSource {
  /** Length of the whole source in milliseconds; 0 when it is endless. */
  readonly durationMs: number;
  /** The end of the source is reached. */
  readonly ended: boolean;
  /** Copies up to `count` samples; fewer at the end, or when the disk is behind. Returns how many. */
  read(pcm: Int16Array, offset: number, count: number): number;
  /** Frees its resources. */
  close(): void;
}

/** A prompt that is in memory, shared with other calls. */
export class PromptSource implements SampleSource {
  #position: number;

  constructor(
    private readonly samples: Int16Array,
    readonly durationMs: number,
    offsetSamples: number,
    private readonly loop: boolean,
  ) {
    this.#position = Math.min(samples.length, offsetSamples);
  }

  get ended(): boolean {
    return this.samples.length === 0 || (!this.loop && this.#position >= this.samples.length);
  }

  read(pcm: Int16Array, offset: number, count: number): number {
    let done = 0;
    while (done < count && !this.ended) {
      if (this.#position >= this.samples.length) this.#position = 0;
      const step = Math.min(count - done, this.samples.length - this.#position);
      for (let index = 0; index < step; index++) {
        pcm[offset + done + index] = this.samples[this.#position + index];
      }
      this.#position += step;
      done += step;
    }
    return done;
  }

  close(): void {
    this.#position = this.samples.length;
  }
}

/** A tone, without end. */
export class ToneSource implements SampleSource {
  readonly durationMs = 0;
  readonly #generator: ToneGenerator;
  #closed = false;

  /** Throws BAD_AUDIO for a tone that the sample rate cannot carry. */
  constructor(spec: ToneSpec, sampleRate: number) {
    this.#generator = new ToneGenerator(spec, sampleRate);
  }

  get ended(): boolean {
    return this.#closed;
  }

  read(pcm: Int16Array, offset: number, count: number): number {
    if (this.#closed) return 0;
    this.#generator.generate(pcm, offset, count);
    return count;
  }

  close(): void {
    this.#closed = true;
  }
}

/** A long file, of which the file worker keeps a few seconds ahead. */
export class StreamSource implements SampleSource {
  readonly #chunks: Int16Array[] = [];
  #position = 0;
  #last = false;

  constructor(
    private readonly files: FileClient,
    private readonly id: number,
    readonly durationMs: number,
  ) {}

  get ended(): boolean {
    return this.#last && this.#chunks.length === 0;
  }

  push(data: ArrayBuffer, last: boolean): void {
    if (data.byteLength > 0) this.#chunks.push(new Int16Array(data));
    this.#last = last;
  }

  read(pcm: Int16Array, offset: number, count: number): number {
    let done = 0;
    while (done < count && this.#chunks.length > 0) {
      const chunk = this.#chunks[0];
      const step = Math.min(count - done, chunk.length - this.#position);
      // A loop: for a frame it is as fast as TypedArray.set, which would need a view of the chunk.
      const from = this.#position;
      const to = offset + done;
      for (let index = 0; index < step; index++) pcm[to + index] = chunk[from + index];
      this.#position += step;
      done += step;
      if (this.#position >= chunk.length) this.#nextChunk();
    }
    return done;
  }

  close(): void {
    this.#chunks.length = 0;
    this.#last = true;
    this.files.unload(this.id);
  }

  #nextChunk(): void {
    this.#chunks.shift();
    this.#position = 0;
    if (this.#last) return;
    this.files.credit(this.id);
  }
}
