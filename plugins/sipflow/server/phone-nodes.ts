import type { NodeAPI } from 'node-red';
import type { PhoneNode } from '../../../nodes';

/** The phones that are deployed. */
export function phoneNodes(RED: NodeAPI): PhoneNode[] {
  const ids: string[] = [];
  RED.nodes.eachNode(({ id, type }) => {
    if (type === 'sip-instance') ids.push(id);
  });
  return ids.flatMap((id) => phoneNode(RED, id) ?? []);
}

/** The deployed phone with that id. */
export function phoneNode(RED: NodeAPI, id: string): PhoneNode | undefined {
  const node = RED.nodes.getNode(id) as PhoneNode | null;
  return node?.type === 'sip-instance' ? node : undefined;
}

/** Name of a phone, else its number; '' when it is not deployed any more. */
export function phoneName(RED: NodeAPI, id: string): string {
  const node = phoneNode(RED, id);
  return node ? node.name || node.engine?.options.number || '' : '';
}
