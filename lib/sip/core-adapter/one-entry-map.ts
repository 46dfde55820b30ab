/**
 * A map that nearly always has one entry at most, for which it makes no table. It stands in for `Map` in the core,
 * which keeps four of them for each INVITE: dialogs and ACKs by fork.
 */
export class OneEntryMap<K, V> {
  #filled = false;
  #key: K | undefined;
  #value: V | undefined;
  #others: Map<K, V> | undefined;

  get size(): number {
    return (this.#filled ? 1 : 0) + (this.#others?.size ?? 0);
  }

  has(key: K): boolean {
    return this.#isFirst(key) || this.#others?.has(key) === true;
  }

  get(key: K): V | undefined {
    return this.#isFirst(key) ? this.#value : this.#others?.get(key);
  }

  set(key: K, value: V): this {
    if (this.#isFirst(key)) this.#value = value;
    else if (this.#filled || this.#others?.has(key)) (this.#others ??= new Map()).set(key, value);
    else {
      this.#filled = true;
      this.#key = key;
      this.#value = value;
    }
    return this;
  }

  delete(key: K): boolean {
    if (!this.#isFirst(key)) return this.#others?.delete(key) === true;
    this.#forgetFirst();
    return true;
  }

  clear(): void {
    this.#forgetFirst();
    this.#others = undefined;
  }

  forEach(callback: (value: V, key: K) => void): void {
    const others = this.#others;
    if (this.#filled) callback(this.#value as V, this.#key as K);
    others?.forEach((value, key) => callback(value, key));
  }

  #isFirst(key: K): boolean {
    return this.#filled && this.#key === key;
  }

  #forgetFirst(): void {
    this.#filled = false;
    this.#key = undefined;
    this.#value = undefined;
  }
}
