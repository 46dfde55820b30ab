import type { Headers } from '../types';

/** Header fields in order of appearance, under canonical names (see `canonicalHeaderName`). */
export class HeaderFields {
  readonly #names: string[] = [];
  readonly #values: string[] = [];

  get length(): number {
    return this.#names.length;
  }

  /** @param name canonical */
  add(name: string, value: string): void {
    this.#names.push(name);
    this.#values.push(value);
  }

  /** Value of the first field of that canonical name. */
  first(name: string): string | undefined {
    const index = this.#names.indexOf(name);
    return index < 0 ? undefined : this.#values[index];
  }

  /** Values of all fields of that canonical name, one per line of the message (lists stay joined). */
  all(name: string): string[] {
    const found: string[] = [];
    for (let index = this.#names.indexOf(name); index >= 0; index = this.#names.indexOf(name, index + 1)) {
      found.push(this.#values[index]);
    }
    return found;
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  count(name: string): number {
    let count = 0;
    for (const each of this.#names) if (each === name) count++;
    return count;
  }

  /** Replaces the value of the first field of that name. */
  replaceFirst(name: string, value: string): void {
    const index = this.#names.indexOf(name);
    if (index >= 0) this.#values[index] = value;
  }

  /** Plain data for `SipRequestInfo` and `SipResponseInfo`. */
  toRecord(): Headers {
    const record: Headers = {};
    for (let index = 0; index < this.#names.length; index++) {
      const name = this.#names[index];
      // A field with this name would change the record's prototype instead of adding a key.
      if (name === '__proto__') continue;
      if (Object.hasOwn(record, name)) record[name].push(this.#values[index]);
      else record[name] = [this.#values[index]];
    }
    return record;
  }
}
