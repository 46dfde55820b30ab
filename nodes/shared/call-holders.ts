import type { EventEmitter } from 'node:events';
import type { NodeAPI } from 'node-red';
import type { Call } from '../../lib/calls';
import { TurnoverMap } from '../../lib/common';
import { noteVisit } from './call-visits';
import type { FlowMessage, SipNode } from './flow-types';
import { HeldCall } from './held-call';

/** `msg.callInfo.reason` of a call that no node held any more. */
const REASON = 'a deploy removed the nodes that held the call';

interface Entry {
  call: Call;
  held: HeldCall;
}

/** Event of Node-RED's runtime when a deploy has stopped flows or nodes. */
interface FlowsStopped {
  type?: string;
  diff?: { removed?: string[] };
}

const entries = new TurnoverMap<string, Entry>();
const closed = new WeakSet<SipNode>();
/** The ids of the calls that each message carries; flows keep messages, which must not keep calls. */
const carried = new WeakMap<FlowMessage, Set<string>>();
const followed = new WeakSet<EventEmitter>();

/**
 * Ends calls that no node holds after a deploy: all nodes that held them (`HeldCall`) are closed. The module of
 * `sip-instance`, which every flow needs, has this watch the deploys when it is loaded.
 */
export function followDeploys({ events }: NodeAPI): void {
  if (followed.has(events)) return;
  followed.add(events);
  events.on('flows:stopped', ({ type, diff }: FlowsStopped = {}) => {
    const deploy = {
      ofNodes: type === 'nodes',
      removed: new Set(diff?.removed),
      isClosed: (node: SipNode) => closed.has(node),
    };
    for (const { call, held } of entries.values()) {
      if (!held.survives(deploy)) void call.hangup({ reason: REASON });
    }
  });
}

/** `msg`, which is in `node`, carries the call; until `leave` it waits there. */
export function hold(node: SipNode, msg: FlowMessage, call: Call): void {
  if (call.state === 'ended' || closed.has(node)) return;
  let entry = entries.get(call.id);
  if (!entry) {
    entry = { call, held: new HeldCall() };
    entries.set(call.id, entry);
    call.on('ended', () => entries.delete(call.id));
  }
  noteVisit(node, call.id);
  entry.held.take(node, msg);
  carried.set(msg, (carried.get(msg) ?? new Set()).add(call.id));
}

/** The node is through with the message. */
export function leave(node: SipNode, msg: FlowMessage): void {
  for (const id of carried.get(msg) ?? []) entries.get(id)?.held.leave(node, msg);
}

/** A deploy or the shutdown closed the node. */
export function nodeClosed(node: SipNode): void {
  closed.add(node);
}
