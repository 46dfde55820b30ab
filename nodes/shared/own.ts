/**
 * A copy of a report of the engine, for a message to carry: a flow may change its message in any way, while the engine
 * reports the same object again, to other messages and from the call's tombstone. Plain data only.
 */
export function own<T>(report: T): T {
  return structuredClone(report);
}
