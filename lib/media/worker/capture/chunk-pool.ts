import { CaptureMemory } from './capture-memory';

/** Bytes of a chunk: 85 packets of 20 ms with audio, or 512 headers. */
export const CHUNK_BYTES = 16 * 1024;

/** Who has chunks, and can do with fewer. */
export interface ChunkOwner {
  /** Chunks that it has. */
  readonly size: number;
  /** Gives its oldest chunk back, with the packets in it. Undefined when it has none. */
  giveOldest(): number | undefined;
}

/**
 * The memory of all captures of a thread, in chunks that are taken when they are needed, up to a limit, and used again.
 * When all are in use, owners that have retired give theirs up, the first one first; then whoever has most of them.
 */
export class ChunkPool {
  readonly memory: CaptureMemory;
  readonly #owners = new Set<ChunkOwner>();
  /** In the order in which they retired. */
  readonly #retired = new Set<ChunkOwner>();
  readonly #spare: number[] = [];
  readonly #limit: number;
  /** Chunks that were ever used; the others take no memory yet. */
  #touched = 0;

  /** @param bytes limit of the chunks together; there is one chunk at least */
  constructor(bytes: number) {
    this.#limit = Math.max(1, Math.floor(bytes / CHUNK_BYTES));
    this.memory = new CaptureMemory(this.#limit * CHUNK_BYTES);
  }

  /** Bytes of the chunks that were ever used. */
  get bytes(): number {
    return this.#touched * CHUNK_BYTES;
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
    for (let chunk = owner.giveOldest(); chunk !== undefined; chunk = owner.giveOldest()) {
      this.#spare.push(chunk);
    }
  }

  /** Number of a chunk for new packets. Undefined when all are in use and nobody has more than one. */
  take(): number | undefined {
    const spare = this.#spare.pop();
    if (spare !== undefined) return spare;
    if (this.#touched < this.#limit) return this.#touched++;
    return this.#ofRetired() ?? this.#ofRichest();
  }

  #ofRetired(): number | undefined {
    for (const owner of this.#retired) {
      const chunk = owner.giveOldest();
      if (chunk !== undefined) return chunk;
      this.#retired.delete(owner);
    }
    return undefined;
  }

  #ofRichest(): number | undefined {
    let richest: ChunkOwner | undefined;
    for (const owner of this.#owners) if (owner.size > (richest?.size ?? 1)) richest = owner;
    return richest?.giveOldest();
  }
}
