import type { Node, NodeAPI } from 'node-red';
import type { Instance } from '../../lib/calls';
import { SipflowError } from '../../lib/common/errors';
import type { SipNode } from './flow-types';
import type { StatusKind } from './status';
import type { Users, UsersEntry } from './users';

/** The running `sip-instance` config node as the other nodes see it. */
export interface InstanceNode extends Node<{ password?: string }> {
  /** Absent when its settings were not valid. */
  engine?: Instance;
  /** Settles when the instance has bound its port; rejects with the reason it could not. */
  started: Promise<void>;
  /** The nodes that use it. */
  usedBy: Users;
  /** What Node-RED asks for who hears of its errors and statuses. */
  users: Readonly<Record<string, UsersEntry>>;
  /** How its registration shows; undefined when it does not register. */
  registrationStatus?: () => { kind: StatusKind; text?: string } | undefined;
}

/**
 * The instance that a node's `instance` field names. The node becomes one of its users, so that the
 * instance's errors and status reach the Catch and Status nodes of that node's flow.
 */
export function useInstance(RED: NodeAPI, node: SipNode, id: unknown): InstanceNode | undefined {
  const found = typeof id === 'string' && id !== '' ? (RED.nodes.getNode(id) as InstanceNode | null) : null;
  if (!found || found.type !== 'sip-instance') return undefined;
  found.usedBy.add(node);
  node.on('close', () => found.usedBy.delete(node));
  return found;
}

/** The engine behind the instance, once it is up. Throws NO_INSTANCE or INSTANCE_NOT_READY. */
export async function readyEngine(instance: InstanceNode | undefined): Promise<Instance> {
  if (!instance) throw noInstance();
  try {
    await instance.started;
  } catch (error) {
    throw notReady(instance, error instanceof Error ? error.message : String(error), error);
  }
  if (!instance.engine) throw notReady(instance, 'it has not been started.');
  return instance.engine;
}

/** What a node without an instance tells. */
export function noInstance(): SipflowError {
  return new SipflowError(
    'NO_INSTANCE',
    'This node has no SIP phone: open it, choose or add one, and deploy again.',
  );
}

function notReady(instance: InstanceNode, why: string, cause?: unknown): SipflowError {
  const name = instance.name || instance.id;
  return new SipflowError('INSTANCE_NOT_READY', `The SIP phone "${name}" is not running: ${why}`, {
    cause,
  });
}
