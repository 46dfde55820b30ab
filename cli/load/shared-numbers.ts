import { registers, type Environment } from '../test/credentials';
import type { StoredNode } from '../test/flow-file';

/**
 * Sentences on the numbers that several processes cannot share: a number is registered once, by the first of them, so calls
 * to it reach only the cases of that one.
 *
 * @param phones ids of the phones of the case
 * @param processes that share the load, also on other machines
 */
export function sharedNumbers(
  nodes: readonly StoredNode[],
  phones: readonly string[],
  env: Environment,
  processes: number,
): string[] {
  if (processes === 1) return [];
  const called = new Set(
    nodes.filter(({ type }) => type === 'sip-incoming-call').map(({ instance }) => instance),
  );
  return nodes
    .filter((node) => phones.includes(node.id) && called.has(node.id) && registers(node, env))
    .map(({ id, name }) => {
      const shown = typeof name === 'string' && name !== '' ? name : id;
      return (
        `Phone "${shown}" is registered by the first of ${processes} processes: calls to its number come to that one ` +
        `alone. A case that waits for such calls needs one process.`
      );
    });
}
