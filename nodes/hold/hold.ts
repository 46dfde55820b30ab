import type { NodeAPI } from 'node-red';
import type { SipReport } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { attempt } from '../shared/attempt';
import { Fields } from '../shared/fields';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { onInput, until } from '../shared/on-input';
import { sendFailure, sendFinal } from '../shared/outputs';
import { own } from '../shared/own';
import { NodeStatus } from '../shared/status';

const OUTPUT = { done: 0, failed: 1 };
const ACTIONS = ['hold', 'resume'] as const;

export = (RED: NodeAPI): void => {
  /** Puts the other side on hold, or takes it back. */
  function HoldNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, config);

    onInput(this, status, async (msg, send, signal) => {
      const action = actionOf(config.action);
      const call = await fields.call(msg);
      const options = { headers: await fields.headers(msg) };
      const failure = await attempt(
        status,
        signal,
        'waiting',
        async () => {
          const outcome = await until(signal, call.hold(action, options));
          msg.sip = own(outcome.sip);
          return outcome.kind === 'failed' ? outcome.failure : undefined;
        },
        () => msg.sip as SipReport | undefined,
      );
      if (failure) sendFailure(send, OUTPUT.failed, msg, failure);
      else sendFinal(send, OUTPUT.done, msg);
    });
  }

  RED.nodes.registerType('sip-hold', HoldNode);
};

function actionOf(stored: unknown): (typeof ACTIONS)[number] {
  const action = ACTIONS.find((name) => name === (stored ?? 'hold'));
  if (action) return action;
  throw new SipflowError('BAD_CONFIG', `The field "action" must be one of ${ACTIONS.join(', ')}.`);
}
