/** Bytes of a chunk: 85 packets of 20 ms with audio, or 512 headers. */
export const CHUNK_BYTES = 16 * 1024;

/** Piece of memory for packets that were captured. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** The same memory in words of 4 bytes. */
  readonly words: Int32Array;
  /** Bytes that are in use. */
  used: number;
  packets: number;
}

/** Someone who has chunks, and can do with fewer. */
export interface ChunkOwner {
  /** Chunks that it has. */
  readonly size: number;
  /** Gives its oldest chunk back, with the packets in it. Undefined when it has none. */
  giveOldest(): Chunk | undefined;
}

/**
 * The memory of all captures of a thread: chunks that are made when they are needed, up to a limit, and used again.
 * When all are in use, owners that have retired give theirs up, the first one first; then whoever has most of them.
 */
export class ChunkPool {
  readonly #owners = new Set<ChunkOwner>();
  /** In the order in which they retired. */
  readonly #retired = new Set<ChunkOwner>();
  readonly #spare: Chunk[] = [];
  readonly #limit: number;
  #made = 0;

  /** @param bytes limit of the chunks together; there is one chunk at least */
  constructor(bytes: number) {
    this.#limit = Math.max(1, Math.floor(bytes / CHUNK_BYTES));
  }

  /** Bytes of the chunks that were made. */
  get bytes(): number {
    return this.#made * CHUNK_BYTES;
  }

  join(owner: ChunkOwner): void {
    this.#owners.add(owner);
  }

  /** The owner takes no more chunks, and keeps those that it has as long as nobody else needs them. */
  retire(owner: ChunkOwner): void {
    if (this.#owners.delete(owner)) this.#retired.add(owner);
  }

  /** Takes the chunks of an owner back. */
  leave(owner: ChunkOwner): void {
    this.#owners.delete(owner);
    this.#retired.delete(owner);
    for (let chunk = owner.giveOldest(); chunk; chunk = owner.giveOldest()) this.#spare.push(chunk);
  }

  /** An empty chunk. Undefined when all are in use and nobody has more than one. */
  take(): Chunk | undefined {
    const chunk =
      this.#spare.pop() ??
      (this.#made < this.#limit ? this.#make() : (this.#ofRetired() ?? this.#ofRichest()));
    if (!chunk) return undefined;
    chunk.used = 0;
    chunk.packets = 0;
    return chunk;
  }

  #make(): Chunk {
    this.#made += 1;
    const bytes = new Uint8Array(CHUNK_BYTES);
    return { bytes, words: new Int32Array(bytes.buffer), used: 0, packets: 0 };
  }

  #ofRetired(): Chunk | undefined {
    for (const owner of this.#retired) {
      const chunk = owner.giveOldest();
      if (chunk) return chunk;
      this.#retired.delete(owner);
    }
    return undefined;
  }

  #ofRichest(): Chunk | undefined {
    let richest: ChunkOwner | undefined;
    for (const owner of this.#owners) if (owner.size > (richest?.size ?? 1)) richest = owner;
    return richest?.giveOldest();
  }
}
