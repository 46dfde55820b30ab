import type { Node, NodeAPI } from 'node-red';

/** A load as the button of the editor sees it. */
export interface LoadNode extends Node {
  isRunning(): boolean;
}

/** Path for the button: `POST`, without a body. */
const LOAD_PATH = '/sipflow/load/:id';

/**
 * Starts loads for the editor: status 202, 404 when the node is not deployed, 409 when it is running. It needs the
 * permission to work with this package.
 */
export function serveLoads(RED: NodeAPI): void {
  RED.httpAdmin.post(LOAD_PATH, RED.auth.needsPermission('sipflow.write'), (request, response) => {
    const node = RED.nodes.getNode(String(request.params.id)) as LoadNode | null;
    if (node?.type !== 'sip-load') return void response.sendStatus(404);
    if (node.isRunning()) return void response.sendStatus(409);
    node.receive();
    response.sendStatus(202);
  });
}
