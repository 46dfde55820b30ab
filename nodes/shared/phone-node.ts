import type { Node, NodeAPI } from 'node-red';
import type { Phone } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import type { SipNode } from './flow-types';
import type { StatusKind } from './status';
import type { Users, UsersEntry } from './users';

/** The running `sip-instance` config node as the other nodes see it. */
export interface PhoneNode extends Node<{ password?: string }> {
  /** Absent when its settings were not valid. */
  engine?: Phone;
  /** Settles when the phone has bound its port; rejects with the reason it could not. */
  started: Promise<void>;
  /** The nodes that use it. */
  usedBy: Users;
  /** Entries by which Node-RED finds the flows that get its errors and statuses. */
  users: Readonly<Record<string, UsersEntry>>;
  /** How its registration shows; undefined when it does not register. */
  registrationStatus?: () => { kind: StatusKind; text?: string } | undefined;
}

/**
 * The phone that a node's `instance` field names. The node becomes one of its users, so that the
 * phone's errors and status reach the Catch and Status nodes of that node's flow.
 */
export function usePhone(RED: NodeAPI, node: SipNode, id: unknown): PhoneNode | undefined {
  const found = typeof id === 'string' && id !== '' ? (RED.nodes.getNode(id) as PhoneNode | null) : null;
  if (!found || found.type !== 'sip-instance') return undefined;
  found.usedBy.add(node);
  node.on('close', () => found.usedBy.delete(node));
  return found;
}

/** The engine behind the phone, once it is up. Throws NO_INSTANCE or INSTANCE_NOT_READY. */
export async function readyEngine(phone: PhoneNode | undefined): Promise<Phone> {
  if (!phone) throw noPhone();
  try {
    await phone.started;
  } catch (error) {
    throw notReady(phone, error instanceof Error ? error.message : String(error), error);
  }
  if (!phone.engine) throw notReady(phone, 'it has not been started.');
  return phone.engine;
}

/** Error of a node without a phone. */
export function noPhone(): SipflowError {
  return new SipflowError(
    'NO_INSTANCE',
    'This node has no SIP phone: open it, choose or add one, and deploy again.',
  );
}

function notReady(phone: PhoneNode, why: string, cause?: unknown): SipflowError {
  const name = phone.name || phone.id;
  return new SipflowError('INSTANCE_NOT_READY', `The SIP phone "${name}" is not running: ${why}`, {
    cause,
  });
}
