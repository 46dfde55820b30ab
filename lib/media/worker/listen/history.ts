import { BLOCK_SAMPLES, PacketLossConcealer } from '../../../audio';
import { LISTENING_RATE } from '../../../audio';

/** Blocks of a chunk, one second. */
const CHUNK_BLOCKS = 100;
const CHUNK_SAMPLES = CHUNK_BLOCKS * BLOCK_SAMPLES;
/** Chunks that a session keeps at most: 30 s behind, and room for what is still coming in. */
const MOST_CHUNKS = 32;
/** Chunks that a session may have whatever the others have. */
const LEAST_CHUNKS = 4;
/** Chunks of all sessions of a thread: 64 MB. */
const MOST_OF_THREAD = 4000;
/** Lost blocks in a row that are concealed; a longer gap is silence of the peer. */
const MOST_CONCEALED = 8;

/** Received audio that a session keeps at most, milliseconds. */
export const HISTORY_MS = (MOST_CHUNKS - 2) * 1000;

interface Chunk {
  index: number;
  samples: Int16Array;
  /** Samples of each block that were received. */
  received: Uint8Array;
  /** Blocks whose audio is made up. */
  lost: Uint8Array;
}

let chunksOfThread = 0;

/** One block of the history. */
export interface BlockSink {
  (samples: Int16Array, offset: number, lost: boolean): void;
}

/**
 * The last seconds of received audio at 8 kHz, by position on the peer's clock: packets may come in any order until
 * their place is closed. Holes are concealed then. Memory grows with the audio, up to 30 s, and is bounded over all
 * sessions of a thread.
 */
export class AudioHistory {
  readonly #chunks: (Chunk | undefined)[] = new Array<Chunk | undefined>(MOST_CHUNKS).fill(undefined);
  readonly #concealer = new PacketLossConcealer('pitch', LISTENING_RATE);
  #count = 0;
  /** First block that is kept, and the first one that is not closed yet. */
  #oldest: number;
  #closed: number;
  #gap = MOST_CONCEALED;

  /** @param start position at which the history begins. */
  constructor(start: number) {
    this.#oldest = Math.ceil(start / BLOCK_SAMPLES);
    this.#closed = this.#oldest;
  }

  /** First block that is kept. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The block behind the newest one that is closed. */
  get closed(): number {
    return this.#closed;
  }

  /** Writes received samples at a position; what belongs to closed blocks, or too far ahead, is dropped. */
  write(pcm: Int16Array, count: number, position: number): void {
    const from = Math.max(0, this.#closed * BLOCK_SAMPLES - position);
    const limit = (this.#closed + (MOST_CHUNKS - 2) * CHUNK_BLOCKS) * BLOCK_SAMPLES;
    const to = Math.min(count, limit - position);
    for (let index = from; index < to;) {
      const at = position + index;
      const block = Math.floor(at / BLOCK_SAMPLES);
      const end = Math.min(to, index + BLOCK_SAMPLES - (at - block * BLOCK_SAMPLES));
      const chunk = this.#chunkOf(block);
      const offset = at - chunk.index * CHUNK_SAMPLES - index;
      chunk.received[block % CHUNK_BLOCKS] += end - index;
      for (; index < end; index++) chunk.samples[offset + index] = pcm[index];
    }
  }

  /** Closes one block: conceals it when it is lost. */
  closeNext(): void {
    const block = this.#closed++;
    const chunk = this.#chunkOf(block);
    const slot = block % CHUNK_BLOCKS;
    const offset = slot * BLOCK_SAMPLES;
    if (chunk.received[slot] * 2 >= BLOCK_SAMPLES) {
      this.#concealer.good(chunk.samples, offset, BLOCK_SAMPLES);
      this.#gap = 0;
    } else if (++this.#gap <= MOST_CONCEALED) {
      this.#concealer.conceal(chunk.samples, offset, BLOCK_SAMPLES);
      chunk.lost[slot] = 1;
    }
  }

  /** Whether the audio of a block is made up. */
  isLost(block: number): boolean {
    return this.#find(block)?.lost[block % CHUNK_BLOCKS] === 1;
  }

  /** Hands over a closed block without copying it; silence for one that is kept no more. */
  read(block: number, sink: BlockSink): void {
    const chunk = this.#find(block);
    const slot = block % CHUNK_BLOCKS;
    if (chunk) sink(chunk.samples, slot * BLOCK_SAMPLES, chunk.lost[slot] === 1);
    else sink(SILENCE, 0, false);
  }

  /** Copies the closed blocks from one up to another. */
  copy(from: number, to: number): Int16Array {
    const first = Math.max(from, this.#oldest);
    const last = Math.max(first, Math.min(to, this.#closed));
    const samples = new Int16Array((last - first) * BLOCK_SAMPLES);
    for (let block = first; block < last; block++) {
      this.read(block, (pcm, offset) => {
        samples.set(pcm.subarray(offset, offset + BLOCK_SAMPLES), (block - first) * BLOCK_SAMPLES);
      });
    }
    return samples;
  }

  /** Gives the memory back. */
  free(): void {
    chunksOfThread -= this.#count;
    this.#count = 0;
    this.#chunks.fill(undefined);
    this.#oldest = this.#closed;
  }

  #find(block: number): Chunk | undefined {
    const index = Math.floor(block / CHUNK_BLOCKS);
    const chunk = this.#chunks[index % MOST_CHUNKS];
    return chunk?.index === index ? chunk : undefined;
  }

  #chunkOf(block: number): Chunk {
    const index = Math.floor(block / CHUNK_BLOCKS);
    const slot = index % MOST_CHUNKS;
    const known = this.#chunks[slot];
    if (known?.index === index) return known;
    const chunk = known ?? this.#spare() ?? this.#newChunk();
    if (chunk.index >= 0) {
      this.#oldest = Math.max(this.#oldest, (chunk.index + 1) * CHUNK_BLOCKS);
      chunk.samples.fill(0);
      chunk.received.fill(0);
      chunk.lost.fill(0);
    }
    chunk.index = index;
    this.#chunks[slot] = chunk;
    return chunk;
  }

  /** The oldest chunk, when the thread has no memory for more. */
  #spare(): Chunk | undefined {
    if (chunksOfThread < MOST_OF_THREAD || this.#count < LEAST_CHUNKS) return undefined;
    let oldest: Chunk | undefined;
    for (const chunk of this.#chunks) {
      if (chunk && (!oldest || chunk.index < oldest.index)) oldest = chunk;
    }
    if (oldest) this.#chunks[oldest.index % MOST_CHUNKS] = undefined;
    return oldest;
  }

  #newChunk(): Chunk {
    this.#count++;
    chunksOfThread++;
    return {
      index: -1,
      samples: new Int16Array(CHUNK_SAMPLES),
      received: new Uint8Array(CHUNK_BLOCKS),
      lost: new Uint8Array(CHUNK_BLOCKS),
    };
  }
}

const SILENCE = new Int16Array(BLOCK_SAMPLES);
