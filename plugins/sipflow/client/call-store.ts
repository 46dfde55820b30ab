import type { CallList, CallRow } from '../server/calls';

/** A call is remembered from when its end is through, which takes up to three seconds. */
const END_MS = 5_000;
/** Ended calls that are kept, as many as the runtime remembers. */
const MOST_ENDED = 1_000;

/** The calls of the list, put together from what the runtime tells each time: what runs, and what has ended since. */
export class CallStore {
  #ended = new Map<string, CallRow>();
  #live: CallRow[] = [];
  /** Live calls that the runtime has left out. */
  more = 0;
  /** What the next request is to say. */
  since = 0;
  /** Milliseconds that the clock of the runtime is ahead of this one. */
  ahead = 0;

  take({ now, live, ended, oldest, more }: CallList): void {
    this.since = now;
    this.ahead = now - Date.now();
    this.#live = live;
    this.more = more;
    for (const row of ended) this.#ended.set(row.id, row);
    // In the order in which they came, so the oldest are first.
    for (const [id, { endedAt }] of this.#ended) {
      const isForgotten = endedAt !== null && endedAt < oldest - END_MS;
      if (!isForgotten && this.#ended.size <= MOST_ENDED) break;
      this.#ended.delete(id);
    }
  }

  /** Begins anew, after a time in which nobody listened. */
  clear(): void {
    this.#ended = new Map();
    this.#live = [];
    this.since = 0;
  }

  get hasLive(): boolean {
    return this.#live.length > 0;
  }

  /** The calls in which the words occur, the latest first. */
  list(words: string): CallRow[] {
    const wanted = words.trim().toLowerCase();
    const all = [...this.#live.filter(({ id }) => !this.#ended.has(id)), ...this.#ended.values()];
    const found = wanted === '' ? all : all.filter((row) => textOf(row).includes(wanted));
    return found.sort((a, b) => b.startedAt - a.startedAt);
  }
}

function textOf({ id, callId, phone, from, to, state, codec, status, reason }: CallRow): string {
  return [id, callId, phone, from, to, state, codec, status, reason].join('\n').toLowerCase();
}
