/** Keeps the value of one entry. Emptied when the entry goes. */
interface Box<V> {
  value: V | undefined;
}

/**
 * A map for entries that come and go all the time, such as calls and transactions. What is deleted is free at once.
 *
 * V8 gives a Map that is filled and emptied a new table every few entries. The old table keeps its entries and points
 * to its successor, so once a table has grown old (two collections are enough), all that ever stood in it and in those
 * after it is garbage that only a full collection finds: with ten entries at a time of 20,000, collections took
 * six times as long, and each paused for 30 ms. Here the tables hold boxes, and what goes leaves an empty one.
 */
export class TurnoverMap<K, V> {
  readonly #boxes = new Map<K, Box<V>>();

  get size(): number {
    return this.#boxes.size;
  }

  has(key: K): boolean {
    return this.#boxes.has(key);
  }

  get(key: K): V | undefined {
    return this.#boxes.get(key)?.value;
  }

  set(key: K, value: V): this {
    const box = this.#boxes.get(key);
    if (box) box.value = value;
    else this.#boxes.set(key, { value });
    return this;
  }

  /** Returns whether there was such an entry. */
  delete(key: K): boolean {
    const box = this.#boxes.get(key);
    if (!box) return false;
    box.value = undefined;
    return this.#boxes.delete(key);
  }

  clear(): void {
    for (const box of this.#boxes.values()) box.value = undefined;
    this.#boxes.clear();
  }

  keys(): IterableIterator<K> {
    return this.#boxes.keys();
  }

  /** The entry that was added first. */
  first(): [K, V] | undefined {
    const next = this.#boxes.entries().next();
    return next.done ? undefined : [next.value[0], next.value[1].value as V];
  }

  /** In the order in which the keys were added; entries may go meanwhile. */
  *values(): IterableIterator<V> {
    for (const box of this.#boxes.values()) yield box.value as V;
  }

  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (const [key, box] of this.#boxes) yield [key, box.value as V];
  }

  forEach(callback: (value: V, key: K) => void): void {
    for (const [key, box] of this.#boxes) callback(box.value as V, key);
  }
}

/** A set of objects that come and go all the time; see `TurnoverMap`. In no particular order. */
export class TurnoverSet<T extends object> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** Adds an object that is not there yet. */
  add(item: T): void {
    this.#items.push(item);
  }

  /** Looks from the end, because most of what goes has come lately. */
  delete(item: T): void {
    const place = this.#items.lastIndexOf(item);
    if (place < 0) return;
    const last = this.#items.pop() as T;
    if (last !== item) this.#items[place] = last;
  }

  /** Over those that are there now; they may go meanwhile. */
  [Symbol.iterator](): IterableIterator<T> {
    return [...this.#items].values();
  }
}
