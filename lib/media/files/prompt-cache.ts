/** A converted prompt, shared with every worker that plays it. */
export interface CachedPrompt {
  samples: SharedArrayBuffer;
  durationMs: number;
}

/** More than an hour of 8 kHz audio. */
const DEFAULT_CAPACITY = 64 * 1024 * 1024;

/** Converted prompts, the least recently used ones forgotten when they need more than `capacity` bytes. */
export class PromptCache {
  /** In order of use: the oldest first. */
  readonly #prompts = new Map<string, CachedPrompt>();
  #bytes = 0;

  constructor(private readonly capacity: number = DEFAULT_CAPACITY) {}

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): CachedPrompt | undefined {
    const prompt = this.#prompts.get(key);
    if (prompt) {
      this.#prompts.delete(key);
      this.#prompts.set(key, prompt);
    }
    return prompt;
  }

  set(key: string, prompt: CachedPrompt): void {
    this.#drop(key);
    if (prompt.samples.byteLength > this.capacity) return;
    this.#prompts.set(key, prompt);
    this.#bytes += prompt.samples.byteLength;
    for (const oldest of this.#prompts.keys()) {
      if (this.#bytes <= this.capacity) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const prompt = this.#prompts.get(key);
    if (!prompt) return;
    this.#prompts.delete(key);
    this.#bytes -= prompt.samples.byteLength;
  }
}
