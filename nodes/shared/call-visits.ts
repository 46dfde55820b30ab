import { DEFAULTS, TurnoverMap } from '../../lib/common';

/** Calls that are remembered: the live ones of a busy system, and as many ended ones as there are tombstones. */
const MOST_CALLS = 2 * DEFAULTS.tombstoneCount;
/** Nodes of one call; a call that goes round a menu all day keeps its beginning. */
const MOST_NODES = 50;

/** By call id: the ids of the nodes that handled it, in order. */
const visits = new TurnoverMap<string, string[]>();

/** A node has a message about a call. The same node twice in a row counts once. */
export function noteVisit({ id }: { readonly id: string }, call: string): void {
  const nodes = visits.get(call);
  if (!nodes) {
    visits.set(call, [id]);
    if (visits.size > MOST_CALLS) visits.delete(visits.first()?.[0] ?? '');
  } else if (nodes.length < MOST_NODES && nodes.at(-1) !== id) nodes.push(id);
}

/** The ids of the nodes that handled a call, in order; at most the first 50. */
export function nodesOfCall(call: string): readonly string[] {
  return visits.get(call) ?? [];
}
