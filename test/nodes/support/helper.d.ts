/** What these tests use of node-red-node-test-helper, which ships no types. */
declare module 'node-red-node-test-helper' {
  import type { Node, NodeAPI } from 'node-red';
  import type { EventEmitter } from 'node:events';

  interface Helper extends EventEmitter {
    init(runtimePath: string, settings?: object): void;
    settings(settings?: object): object;
    load(nodes: unknown, flow: object[], credentials?: object): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): Node;
    log(): { args: { level: number; msg: unknown; type?: string }[][] };
    clearFlows(): Promise<void>;
    /** Core nodes that the helper loads by itself, once for each node of the type. */
    _nodeModules: Record<string, unknown>;
    /** The runtime's own nodes API and events: the helper's `setFlows` allows a deploy 300 ms only. */
    readonly _redNodes: Pick<NodeAPI['nodes'], 'eachNode' | 'getNode'> & {
      setFlows(flow: object[], credentials: object, type: string): Promise<unknown>;
    };
    readonly _events: EventEmitter;
  }

  const helper: Helper;
  export = helper;
}
