import type { EventEmitter } from 'node:events';
import type { NodeAPI } from 'node-red';

const queues = new WeakMap<EventEmitter, (() => void)[]>();

/**
 * Runs `action` once the deploy that is under way has made every node. An error that a node raises
 * earlier, while it is being constructed, meets no Catch node yet. One listener serves all nodes of a
 * deploy, because Node's warning about too many listeners starts at eleven.
 */
export function afterFlowsStarted(RED: NodeAPI, action: () => void): void {
  const queue = queues.get(RED.events);
  if (queue) {
    queue.push(action);
    return;
  }
  queues.set(RED.events, [action]);
  RED.events.once('flows:started', () => {
    const actions = queues.get(RED.events) ?? [];
    queues.delete(RED.events);
    for (const run of actions) run();
  });
}
