import type { NodeAPI } from 'node-red';
import type { Call, SipReport, Tombstone, WaitEvent, WaitOutcome } from '../../lib/calls';
import { DEFAULTS, SipflowError } from '../../lib/common';
import { Fields } from '../shared/fields';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { onInput, until } from '../shared/on-input';
import { isCallEnded, sendFinal } from '../shared/outputs';
import { own } from '../shared/own';
import { NodeStatus } from '../shared/status';

const OUTPUT: Readonly<Record<WaitOutcome, number>> = { event: 0, timeout: 1, ended: 2 };
const EVENTS: readonly WaitEvent[] = [
  'ringing',
  'early-media',
  'answered',
  'dtmf',
  'held',
  'resumed',
  'transfer-request',
  'ended',
];

export = (RED: NodeAPI): void => {
  /** Holds a message back until something happens to its call. */
  function WaitNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, config);

    onInput(this, status, async (msg, send, signal) => {
      const event = eventOf(config.event);
      const timeout = await fields.number('timeout', msg, {
        fallback: DEFAULTS.waitTimeout,
        min: 0.1,
        max: 86400,
      });
      const found = await fields.callOrTombstone(msg);
      if ('tombstone' in found) {
        msg.sip = lastWords(found.tombstone);
        return sendFinal(send, event === 'ended' ? OUTPUT.event : OUTPUT.ended, msg);
      }
      const { call } = found;
      const activity = status.begin('waiting');
      try {
        const outcome = await until(signal, waitFor(call, event, timeout, signal));
        msg.sip = own(call.lastSip);
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

function eventOf(stored: unknown): WaitEvent {
  const event = EVENTS.find((name) => name === (stored ?? 'answered'));
  if (event) return event;
  throw new SipflowError('BAD_CONFIG', `The field "event" must be one of ${EVENTS.join(', ')}.`);
}

function lastWords({ info }: Tombstone): SipReport {
  return { event: 'ended', status: info.status ?? undefined, reason: info.reason ?? undefined };
}
