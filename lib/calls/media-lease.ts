import { createMediaEngine, type MediaEngine } from '../media';

/** The right to use the process's media engine until it is released. */
export interface MediaLease {
  readonly engine: MediaEngine;
  /** The last lease that is released closes the engine and its workers. Idempotent. */
  release(): Promise<void>;
}

let shared: { engine: MediaEngine; leases: number } | undefined;

/** All instances of the process share one engine, so that workers and ports are shared as well. */
export function leaseMediaEngine(): MediaLease {
  const current = (shared ??= { engine: createMediaEngine(), leases: 0 });
  current.leases += 1;
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    current.leases -= 1;
    if (current.leases > 0) return;
    if (shared === current) shared = undefined;
    await current.engine.close();
  };
  return { engine: current.engine, release: () => (released ??= release()) };
}
