import type { Running } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import type { FlowMessage } from './flow-types';

/** Actions of `msg.action` for a node that plays or records. */
export type ControlAction = 'stop' | 'pause' | 'resume';

/** The control action of a message; any other `msg.action` belongs to the flow and is ignored. */
export function controlAction(msg: FlowMessage): ControlAction | undefined {
  const { action } = msg;
  return action === 'stop' || action === 'pause' || action === 'resume' ? action : undefined;
}

/** One playback or recording from the moment the node accepted it. */
export interface ControlSlot {
  /** The playback or recording runs now; actions that came while it was starting are applied. */
  attach(running: Running<unknown>): void;
  release(): void;
}

/** Running playbacks and recordings of a node by call, so that later messages can control them. */
export class RunningByCall {
  readonly #slots = new Map<string, Set<(action: ControlAction) => void>>();

  open(callId: string): ControlSlot {
    const early: ControlAction[] = [];
    let running: Running<unknown> | undefined;
    const apply = (action: ControlAction): void => {
      if (running) running[action]();
      else if (early.length < 16) early.push(action);
    };
    const slots = this.#slots.get(callId) ?? new Set();
    this.#slots.set(callId, slots.add(apply));
    return {
      attach: (started) => {
        running = started;
        early.forEach(apply);
      },
      release: () => {
        slots.delete(apply);
        if (slots.size === 0) this.#slots.delete(callId);
      },
    };
  }

  /** Applies `action` to all that run on the call. Throws CALL_STATE when none does. */
  control(callId: string, action: ControlAction): void {
    const slots = this.#slots.get(callId);
    if (!slots) {
      throw new SipflowError(
        'CALL_STATE',
        `Nothing runs on this call in this node, so there is nothing to ${action}; send msg.action only while it is busy.`,
      );
    }
    for (const apply of [...slots]) apply(action);
  }
}
