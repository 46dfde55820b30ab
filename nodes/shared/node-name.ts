import type { NodeName } from '../../lib/testing';

/** A node as reports of tests name it. */
export function nameOf({ id, name, type }: { id: string; name?: string; type: string }): NodeName {
  return { id, name: name ?? '', type };
}
