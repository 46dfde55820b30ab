/** Called with what a listener threw, so that the thrower is found and nothing else breaks. */
export type ListenerFault = (error: unknown, event: string) => void;

/** One listener for each of some events. */
export type Listeners<Events extends Record<keyof Events, unknown[]>> = {
  readonly [K in keyof Events]?: (...args: Events[K]) => void;
};

type ListenerLists<Events extends Record<keyof Events, unknown[]>> = {
  [K in keyof Events]?: readonly ((...args: Events[K]) => void)[];
};

/**
 * A small typed emitter on which a listener's exception cannot break the emitter or the
 * listeners after it, and on which an event without listeners is never fatal
 * (Node's own `EventEmitter` throws on an unhandled `error`).
 *
 * @typeParam Events maps an event's name to the tuple of its arguments.
 */
export class SafeEmitter<Events extends Record<keyof Events, unknown[]>> {
  /** Lists are replaced, never changed, so that an emission goes through the list that it began with. */
  #listeners: ListenerLists<Events> | undefined;
  /** Objects that listen to several events, in lists that are replaced too. */
  #groups: readonly Listeners<Events>[] | undefined;

  constructor(private readonly onListenerFault: ListenerFault = reportListenerFault) {}

  /** Adds a listener and returns the function that takes it away again. */
  on<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): () => void {
    const listeners: ListenerLists<Events> = (this.#listeners ??= {});
    const list = listeners[event];
    if (!list) listeners[event] = [listener];
    // A list made by spreading has room for sixteen more; what is no list itself is taken in at half the speed.
    else if (!list.includes(listener)) listeners[event] = list.concat([listener]);
    return () => this.off(event, listener);
  }

  /**
   * Adds an object whose methods are listeners, and returns the function that takes it away again. They hear of an
   * event before those that `on` has added, and cost nothing but a place in a list.
   */
  onEach(listeners: Listeners<Events>): () => void {
    this.#groups = this.#groups ? this.#groups.concat([listeners]) : [listeners];
    return () => {
      const groups = this.#groups;
      if (!groups?.includes(listeners)) return;
      this.#groups = groups.length === 1 ? undefined : groups.filter((each) => each !== listeners);
    };
  }

  /** Like `on`, for the next occurrence only. */
  once<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): () => void {
    const remove = this.on(event, (...args) => {
      remove();
      listener(...args);
    });
    return remove;
  }

  off<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): void {
    const listeners = this.#listeners;
    const list = listeners?.[event];
    if (!listeners || !list?.includes(listener)) return;
    listeners[event] = list.length === 1 ? undefined : list.filter((each) => each !== listener);
  }

  listenerCount(event: keyof Events): number {
    let count = this.#listeners?.[event]?.length ?? 0;
    for (const group of this.#groups ?? NO_GROUPS) if (group[event]) count += 1;
    return count;
  }

  removeAllListeners(): void {
    this.#listeners = this.#groups = undefined;
  }

  protected emit<K extends keyof Events>(event: K, ...args: Events[K]): void {
    const list = this.#listeners?.[event];
    for (const group of this.#groups ?? NO_GROUPS) {
      try {
        group[event]?.(...args);
      } catch (error) {
        this.onListenerFault(error, String(event));
      }
    }
    if (!list) return;
    for (const listener of list) {
      try {
        listener(...args);
      } catch (error) {
        this.onListenerFault(error, String(event));
      }
    }
  }
}

const NO_GROUPS: readonly never[] = [];

function reportListenerFault(error: unknown, event: string): void {
  process.emitWarning(error instanceof Error ? error : String(error), {
    type: 'SipflowListenerFault',
    detail: `in a listener of "${event}"`,
  });
}
