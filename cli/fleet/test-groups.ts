import { registers, type Environment } from '../test/credentials';
import type { StoredNode } from '../test/flow-file';

/** Flow files of a run that stay together. */
export interface FileGroup {
  /** Places of the files among those of the run, in their order. */
  readonly files: readonly number[];
  /** One worker runs all of its cases, because calls come to their phones; else any worker runs any case. */
  readonly isWhole: boolean;
  /** Its phones have the SIP ports of their fields, because calls come to them there. */
  readonly keepsPorts: boolean;
}

/**
 * Divides flow files among workers. A number is registered in one place at a time, and calls that come to a port of a
 * machine come to one worker: files with such a phone go to one worker as a whole, together with those that have the same
 * number or port. Everything else is divided by cases.
 */
export function groupFiles(flows: readonly (readonly StoredNode[])[], env: Environment): FileGroup[] {
  const groups: { files: number[]; keys: Set<string> }[] = [];
  for (const [file, nodes] of flows.entries()) {
    const keys = keysOf(nodes, env);
    const related = groups.filter((group) => [...keys].some((key) => group.keys.has(key)));
    const [first = { files: [], keys: new Set<string>() }, ...others] = related;
    if (related.length === 0) groups.push(first);
    first.files.push(file, ...others.flatMap(({ files }) => files));
    for (const key of [...keys, ...others.flatMap((other) => [...other.keys])]) first.keys.add(key);
    for (const other of others) groups.splice(groups.indexOf(other), 1);
  }
  return groups.map(({ files, keys }) => ({
    files: files.sort((a, b) => a - b),
    isWhole: keys.size > 0,
    keepsPorts: [...keys].some((key) => key.startsWith('port ')),
  }));
}

/** What a flow file has that only one process can have: registered numbers, ports that calls come to. */
function keysOf(nodes: readonly StoredNode[], env: Environment): Set<string> {
  const called = new Set(
    nodes.filter(({ type }) => type === 'sip-incoming-call').map(({ instance }) => instance),
  );
  const keys = nodes
    .filter(({ type, mode, d }) => type === 'sip-instance' && mode === 'network' && d !== true)
    .flatMap((node) => {
      const { id, dn, registrar, port } = node;
      if (registers(node, env)) return [`number ${String(dn)}@${String(registrar)}`];
      return called.has(id) && Number(port) !== 0 ? [`port ${String(port)}`] : [];
    });
  return new Set(keys);
}
