import type { MediaEngine } from '../../media';

/** The right to use the shared media engine until it is released. */
export interface MediaLease {
  readonly engine: MediaEngine;
  /** The last lease that is released closes the engine and its workers. Idempotent. */
  release(): Promise<void>;
}

/** One engine for all who lease it, so that they share its workers: made with the first lease, closed with the last. */
export class SharedMediaEngine {
  #current: { readonly engine: MediaEngine; leases: number } | undefined;

  constructor(private readonly create: () => MediaEngine) {}

  lease(): MediaLease {
    const current = (this.#current ??= { engine: this.create(), leases: 0 });
    current.leases += 1;
    let released: Promise<void> | undefined;
    const release = async (): Promise<void> => {
      current.leases -= 1;
      if (current.leases > 0) return;
      if (this.#current === current) this.#current = undefined;
      await current.engine.close();
    };
    return { engine: current.engine, release: () => (released ??= release()) };
  }
}
