/** Called with what a listener threw, so that the thrower is found and nothing else breaks. */
export type ListenerFault = (error: unknown, event: string) => void;

/**
 * A small typed emitter on which a listener's exception cannot break the emitter or the
 * listeners after it, and on which an event without listeners is never fatal
 * (Node's own `EventEmitter` throws on an unhandled `error`).
 *
 * @typeParam Events maps an event's name to the tuple of its arguments.
 */
export class SafeEmitter<Events extends Record<keyof Events, unknown[]>> {
  readonly #listeners: { [K in keyof Events]?: Set<(...args: Events[K]) => void> } = {};

  constructor(private readonly onListenerFault: ListenerFault = reportListenerFault) {}

  /** Adds a listener and returns the function that takes it away again. */
  on<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): () => void {
    (this.#listeners[event] ??= new Set()).add(listener);
    return () => this.off(event, listener);
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
    this.#listeners[event]?.delete(listener);
  }

  listenerCount(event: keyof Events): number {
    return this.#listeners[event]?.size ?? 0;
  }

  removeAllListeners(): void {
    for (const event of Object.keys(this.#listeners) as (keyof Events)[]) delete this.#listeners[event];
  }

  protected emit<K extends keyof Events>(event: K, ...args: Events[K]): void {
    const set = this.#listeners[event];
    if (!set) return;
    for (const listener of [...set]) {
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
