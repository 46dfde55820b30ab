import type { NodeAPI } from 'node-red';
import type { SipNode } from './flow-types';

/** The tab that a node stands on; a node within a subflow belongs to the tab on which the subflow is used. */
export function tabOf(node: SipNode): string {
  const path = node._flow?.path;
  return typeof path === 'string' ? (path.split('/')[0] ?? node.z) : node.z;
}

/** The ids of the phones that the nodes of a tab use, those in its subflows too. */
export function phonesOfTab({ nodes }: Pick<NodeAPI, 'nodes'>, tab: string): string[] {
  const stored: { type: string; z?: string; instance?: unknown; d?: boolean }[] = [];
  nodes.eachNode((node) => stored.push(node));
  const phones = new Set<string>();
  const places = new Set([tab]);
  for (const place of places) {
    for (const { type, z, instance, d } of stored) {
      if (z !== place || d) continue;
      if (typeof instance === 'string' && instance !== '') phones.add(instance);
      if (type.startsWith('subflow:')) places.add(type.slice('subflow:'.length));
    }
  }
  return [...phones];
}
