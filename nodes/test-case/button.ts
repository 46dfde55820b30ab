import type { Node, NodeAPI } from 'node-red';

/** A running test case as the button of the editor sees it. */
export interface TestCaseNode extends Node {
  isRunning(): boolean;
}

/** Path for the button: `POST`, without a body. */
export const TEST_CASE_PATH = '/sipflow/test-case/:id';

/**
 * Starts test cases for the editor: status 202, 404 when it is not deployed, 409 when it is running. It needs the
 * permission to work with this package.
 */
export function serveTestCases(RED: NodeAPI): void {
  RED.httpAdmin.post(TEST_CASE_PATH, RED.auth.needsPermission('sipflow.write'), (request, response) => {
    const node = RED.nodes.getNode(String(request.params.id)) as TestCaseNode | null;
    if (node?.type !== 'sip-test-case') return void response.sendStatus(404);
    if (node.isRunning()) return void response.sendStatus(409);
    node.receive();
    response.sendStatus(202);
  });
}
