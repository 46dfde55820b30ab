const MASK = '***';
/** Shorter values are no secrets: as a mask they would eat up numbers and words everywhere. */
const SHORTEST = 4;

/** Replaces secret values in texts and data. */
export class Secrets {
  readonly #values: readonly string[];

  /**
   * @param values credentials, and what the file of `--env-file` has
   * @param known texts that everybody may read, such as the flow file: what stands in them is no secret
   */
  constructor(values: Iterable<string>, known: readonly string[]) {
    const secret = [...new Set(values)].filter(
      (value) => value.length >= SHORTEST && !known.some((text) => text.includes(value)),
    );
    // A value that is part of another one must not leave the rest of that visible.
    this.#values = secret.sort((a, b) => b.length - a.length);
  }

  /** The text with `***` in place of secrets. */
  masked(text: string): string {
    let safe = text;
    for (const value of this.#values) safe = safe.replaceAll(value, MASK);
    return safe;
  }

  /** A copy of the data, as JSON knows it, whose texts and names have no secrets. */
  maskedData<Data>(data: Data): Data {
    return this.#values.length === 0 ? data : (this.#copy(data) as Data);
  }

  #copy(data: unknown): unknown {
    if (typeof data === 'string') return this.masked(data);
    if (Array.isArray(data)) return data.map((entry) => this.#copy(entry));
    if (typeof data !== 'object' || data === null) return data;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [this.masked(key), this.#copy(value)]),
    );
  }
}
