import { setMaxListeners } from 'node:events';
import { toSipflowError } from '../../lib/common';
import { leave, nodeClosed } from './call-holders';
import type { FlowMessage, Send, SipNode } from './flow-types';
import { localised } from './localise';
import type { NodeStatus } from './status';
import { enter, leaveWith } from './test-steps';

/** Handles one message. `signal` aborts when a deploy or shutdown closes the node, or the test of the message is over. */
export type InputHandler = (msg: FlowMessage, send: Send, signal: AbortSignal) => Promise<void>;

/** Thrown by `until` when the node closed underneath a waiting handler; it never leaves `onInput`. */
class NodeClosed extends Error {}

/**
 * The one wrapper around every input handler of the package. Node-RED does not await handlers, and one
 * that rejects ends the process; here an error that a handler throws goes to `done`, and so to Catch nodes,
 * with its `code`. `done` is called exactly once per message. Closing the node aborts `signal`; the
 * messages that waited are then finished silently, because the flow that they belonged to is gone. What becomes of a
 * message of a test is a step of its attempt, with which it ends silently too.
 */
export function onInput(node: SipNode, status: NodeStatus, handler: InputHandler): void {
  const closing = new AbortController();
  // One listener for each message that waits here; Node's warning at eleven would mean nothing.
  setMaxListeners(0, closing.signal);
  // Messages of tests. Thousands may wait here, and to add one to so many listeners of a signal takes ever longer.
  const ofTests = new Set<() => void>();

  const handle = async (msg: FlowMessage, send: Send): Promise<Error | undefined> => {
    const entered = enter(node, msg, send);
    const either = entered.over && firstOf(closing.signal, ofTests, entered.over);
    const signal = either?.signal ?? closing.signal;
    try {
      await handler(msg, entered.send, signal);
      leaveWith(msg);
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      status.failed(error);
      leaveWith(msg, toSipflowError(error));
      return localised(error);
    } finally {
      either?.release();
    }
  };

  node.on('input', (msg, send, done) => {
    void handle(msg, send)
      .finally(() => leave(node, msg))
      .then(done);
  });
  node.on('close', () => {
    nodeClosed(node);
    closing.abort();
    for (const abort of [...ofTests]) abort();
  });
}

/**
 * A signal that aborts with the first of two: when the node closes and calls what is in `closings`, or when the test is
 * over. `AbortSignal.any` would do, but in Node.js 20 the signal of a node then keeps
 * some 50 bytes of each message for as long as the node lives.
 */
function firstOf(
  closed: AbortSignal,
  closings: Set<() => void>,
  over: AbortSignal,
): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  // As of the node: one for each message of the test that waits somewhere.
  setMaxListeners(0, over);
  if (closed.aborted || over.aborted) abort();
  closings.add(abort);
  over.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      closings.delete(abort);
      over.removeEventListener('abort', abort);
    },
  };
}

/**
 * Waits for `promise` unless the node closes first; then `onClose` undoes the work of the handler
 * (stops a playback, hangs up a call that no node would get), and the handler ends without an outcome.
 */
export async function until<T>(signal: AbortSignal, promise: Promise<T>, onClose?: () => void): Promise<T> {
  let release: (() => void) | undefined;
  const closed = new Promise<never>((_, reject) => {
    release = () => {
      onClose?.();
      reject(new NodeClosed());
    };
    if (signal.aborted) release();
    else signal.addEventListener('abort', release, { once: true });
  });
  try {
    return await Promise.race([promise, closed]);
  } finally {
    if (release) signal.removeEventListener('abort', release);
  }
}

/**
 * Waits until a playback or recording has begun. When the node closes first, one that begins after all is
 * stopped again, because no node is left to report its end.
 */
export async function untilStarted<T extends { stop(): void }>(
  signal: AbortSignal,
  starting: Promise<T>,
): Promise<T> {
  const stopLate = (): void => {
    starting.then(
      (late) => late.stop(),
      () => undefined,
    );
  };
  return until(signal, starting, stopLate);
}
