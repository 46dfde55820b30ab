import type { NodeAPI } from 'node-red';
import type { Call, SipReport, Tombstone, WaitEvent, WaitOutcome } from '../../lib/calls';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { isCallEnded, sendFinal } from '../shared/outputs';
import { sipWithOrigin } from '../shared/sip-report';
import { NodeStatus } from '../shared/status';
import { waitFields } from './fields';

const OUTPUT: Readonly<Record<WaitOutcome, number>> = { event: 0, timeout: 1, ended: 2 };

export = (RED: NodeAPI): void => {
  /** Holds a message back until something happens to its call. */
  function WaitNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, waitFields, config);

    onInput(this, status, async (msg, send, signal) => {
      const event = fields.choice('event');
      const timeout = await fields.number('timeout', msg);
      const found = await fields.callOrTombstone(msg);
      if ('tombstone' in found) {
        msg.sip = lastWords(found.tombstone);
        return sendFinal(send, event === 'ended' ? OUTPUT.event : OUTPUT.ended, msg);
      }
      const { call } = found;
      const activity = status.begin('waiting');
      try {
        const outcome = await until(signal, waitFor(call, event, timeout, signal));
        msg.sip = sipWithOrigin(call);
        sendFinal(send, OUTPUT[outcome], msg);
      } finally {
        activity.end();
      }
    });
  }

  RED.nodes.registerType('sip-wait', WaitNode);
};

async function waitFor(
  call: Call,
  event: WaitEvent,
  timeout: number,
  signal: AbortSignal,
): Promise<WaitOutcome> {
  try {
    return await call.waitFor(event, { timeout, signal });
  } catch (error) {
    if (!isCallEnded(error)) throw error;
    return event === 'ended' ? 'event' : 'ended';
  }
}

function lastWords({ info }: Tombstone): SipReport {
  return { event: 'ended', status: info.status ?? undefined, reason: info.reason ?? undefined };
}
