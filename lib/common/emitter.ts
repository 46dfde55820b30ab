/** Called with what a listener threw, so that the thrower is found and nothing else breaks. */
export type ListenerFault = (error: unknown, event: string) => void;

/** One listener for each of some events. */
export type Listeners<Events extends Record<keyof Events, unknown[]>> = {
  readonly [K in keyof Events]?: (...args: Events[K]) => void;
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
  #listeners: { [K in keyof Events]?: readonly ((...args: Events[K]) => void)[] } = {};

  constructor(private readonly onListenerFault: ListenerFault = reportListenerFault) {}

  /** Adds a listener and returns the function that takes it away again. */
  on<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): () => void {
    const list = this.#listeners[event];
    if (!list) this.#listeners[event] = [listener];
    // A list made by spreading has room for sixteen more; what is no list itself is taken in at half the speed.
    else if (!list.includes(listener)) this.#listeners[event] = list.concat([listener]);
    return () => this.off(event, listener);
  }

  /** Adds several listeners and returns the function that takes all of them away again. */
  onEach(listeners: Listeners<Events>): () => void {
    for (const event in listeners)
      this.on(event, listeners[event] as NonNullable<(typeof listeners)[typeof event]>);
    return () => {
      for (const event in listeners)
        this.off(event, listeners[event] as NonNullable<(typeof listeners)[typeof event]>);
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
    const list = this.#listeners[event];
    if (!list?.includes(listener)) return;
    this.#listeners[event] = list.length === 1 ? undefined : list.filter((each) => each !== listener);
  }

  listenerCount(event: keyof Events): number {
    return this.#listeners[event]?.length ?? 0;
  }

  removeAllListeners(): void {
    this.#listeners = {};
  }

  protected emit<K extends keyof Events>(event: K, ...args: Events[K]): void {
    const list = this.#listeners[event];
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

function reportListenerFault(error: unknown, event: string): void {
  process.emitWarning(error instanceof Error ? error : String(error), {
    type: 'SipflowListenerFault',
    detail: `in a listener of "${event}"`,
  });
}
