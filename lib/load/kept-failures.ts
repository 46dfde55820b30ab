import type { Attempt } from '../testing';

/** A failed case of a run, with all that is known of it. */
export interface LoadFailure {
  /** Code of its first cause. */
  cause: string;
  /** Number of its start in the whole run. */
  number: number;
  /** Index of the stage that it was started in. */
  stage: number;
  probe: boolean;
  attempt: Attempt;
}

/** Failures that are kept, so that a report stays small. */
const LIMITS = { ofEachCause: 3, causes: 20 } as const;

/** The first failures of each cause. */
export class KeptFailures {
  readonly #kept: LoadFailure[] = [];
  readonly #count = new Map<string, number>();

  /** Whether another failure of that cause is wanted; counts as if it came. */
  wants(cause: string): boolean {
    const count = this.#count.get(cause) ?? 0;
    if (count >= LIMITS.ofEachCause || (count === 0 && this.#count.size >= LIMITS.causes)) return false;
    this.#count.set(cause, count + 1);
    return true;
  }

  add(failure: LoadFailure): void {
    this.#kept.push(failure);
  }

  /** In the order in which they came. */
  all(): LoadFailure[] {
    return [...this.#kept];
  }
}

/** The first failures of each cause of several runs. */
export function mergedFailures(all: readonly (readonly LoadFailure[])[]): LoadFailure[] {
  const kept = new KeptFailures();
  for (const failure of all.flat().sort((a, b) => a.number - b.number)) {
    if (kept.wants(failure.cause)) kept.add(failure);
  }
  return kept.all();
}
