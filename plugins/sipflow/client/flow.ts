import type { EditorNode } from './editor';
import { say } from './words';

/** A node as its flow shows it; undefined when it is in the editor's flow no more. */
export function nodeOf(id: string): EditorNode | undefined {
  return RED.nodes.node(id) ?? undefined;
}

export function labelOf(node: EditorNode): string {
  return RED.utils.getNodeLabel(node, node.type);
}

/** Name of a tab or of a subflow. */
export function tabLabel(id: string | undefined): string {
  if (id === undefined || id === '') return '';
  const place = RED.nodes.workspace(id) ?? RED.nodes.subflow(id);
  return place?.label ?? place?.name ?? '';
}

/** Brings a node into view and has it flash. */
export function reveal(id: string): void {
  RED.view.reveal(id);
}

/** Selects the nodes that a call has passed, those of the tab where it began, and brings the first one into view. */
export function showInFlow(ids: readonly string[]): void {
  const nodes = [...new Set(ids)].flatMap((id) => nodeOf(id) ?? []);
  const [first] = nodes;
  if (!first) return;
  reveal(first.id);
  RED.view.select({ nodes: nodes.filter(({ z }) => z === first.z) });
}

/** What the editor calls a node that is there no more. */
export function goneLabel(): string {
  return say('call.nodeGone');
}
