import type { RunNeeds } from '../runtime/protocol';
import type { StoredNode } from '../test/flow-file';

/** A text that a program of the machine says: `say:…`, `say(ko):…`. */
const SPOKEN = /^[ \t]*say(?:\([ \t]*(?<voice>[a-z0-9][a-z0-9_+.-]{0,63})[ \t]*\))?[ \t]*:[ \t]*\S/gim;
/** Fields in which people write what they like. */
const REMARKS: readonly string[] = ['name', 'info', 'title', 'label'];

/**
 * What a machine has to have for the test cases of a flow, as far as it can be read off the nodes: voices for texts, and
 * codecs, which may be optional packages. Only the tabs of the cases count.
 *
 * @param title of the cases that are meant; all when absent
 */
export function needsOf(nodes: readonly StoredNode[], title?: RegExp): RunNeeds {
  const used = usedNodes(nodes, title);
  const phones = new Set(used.flatMap(({ instance }) => (typeof instance === 'string' ? [instance] : [])));
  const spoken = used.flatMap((node) =>
    Object.entries(node).flatMap(([name, value]) => textsOf(name, value)),
  );
  const codecs = [...used, ...nodes.filter(({ id }) => phones.has(id))].flatMap((node) => codecsOf(node));
  return {
    voices: unique(
      spoken.flatMap((text) => [...text.matchAll(SPOKEN)].map(({ groups }) => groups?.voice ?? '')),
    ),
    codecs: unique(codecs.map((codec) => codec.toUpperCase())),
  };
}

/** Nodes that run with these cases: of their tabs, and of every subflow. */
function usedNodes(nodes: readonly StoredNode[], title?: RegExp): StoredNode[] {
  const cases = nodes.filter(({ type }) => type === 'sip-test-case');
  const meant = cases.filter((node) => title === undefined || title.test(String(node.title)));
  const tabs = new Set<unknown>([
    ...(meant.length > 0 ? meant : cases).map(({ z }) => z),
    ...nodes.filter(({ type }) => type === 'subflow').map(({ id }) => id),
  ]);
  return nodes.filter(({ type, z, d }) => type.startsWith('sip-') && tabs.has(z) && d !== true);
}

function textsOf(name: string, value: unknown): string[] {
  if (REMARKS.includes(name)) return [];
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([member, each]) => textsOf(member, each));
}

function codecsOf({ codecs }: StoredNode): string[] {
  const all = Array.isArray(codecs)
    ? codecs.map(String)
    : typeof codecs === 'string'
      ? codecs.split(/[\s,;]+/)
      : [];
  // Variables are known only where the flow runs.
  return all.filter((codec) => /^[\w.-]+$/.test(codec));
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)].sort();
}
