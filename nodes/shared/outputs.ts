import type { NodeAPI } from 'node-red';
import type { Failure } from '../../lib/calls';
import { type ErrorCode, SipflowError, toSipflowError } from '../../lib/common';
import type { FlowMessage, Send } from './flow-types';
import { own } from './own';

/**
 * Codes that a correct flow can meet too: limits of the environment and faults of the peer. They leave
 * by a `failed` output; every other fault is the flow's and goes to Catch nodes.
 */
const WORLDLY: readonly ErrorCode[] = [
  'CALL_ENDED',
  'CONFERENCE_FULL',
  'FILE_ACCESS',
  'SPEECH_FAILED',
  'NO_COMMON_CODEC',
  'SRTP_NOT_NEGOTIATED',
  'DTMF_NOT_NEGOTIATED',
  'TIMEOUT',
];

/** Forwards the message that the node received, with its final outcome, by the output at `index`. */
export function sendFinal(send: Send, index: number, msg: FlowMessage): void {
  send(at(index, msg));
}

/** Sends a clone with `extra` on it by the output at `index`: an interim report, while the message itself waits. */
export function sendNews(
  RED: NodeAPI,
  send: Send,
  index: number,
  msg: FlowMessage,
  extra: Record<string, unknown>,
): void {
  send(at(index, Object.assign(RED.util.cloneMessage(msg), own(extra))));
}

/** Forwards the message by the `failed` output with `msg.failure`. */
export function sendFailure(send: Send, index: number, msg: FlowMessage, failure: Failure): void {
  msg.failure = own(failure);
  sendFinal(send, index, msg);
}

/** The failure for a `failed` output; an error that does not belong there is thrown on, towards Catch nodes. */
export function worldlyFailure(error: unknown): Failure {
  const fault = toSipflowError(error);
  if (!WORLDLY.includes(fault.code)) throw fault;
  return fault.toFailure();
}

/** Whether `error` says that the call is over, for nodes that have an `ended` output. */
export function isCallEnded(error: unknown): error is SipflowError {
  return error instanceof SipflowError && error.code === 'CALL_ENDED';
}

function at(index: number, msg: FlowMessage): (FlowMessage | null)[] {
  return [...new Array<null>(index).fill(null), msg];
}
