import type { NodeAPI } from 'node-red';
import type { SipReport } from '../../lib/calls';
import { attempt } from '../shared/attempt';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { sendFailure, sendFinal } from '../shared/outputs';
import { sipOf } from '../shared/sip-report';
import { NodeStatus } from '../shared/status';
import { holdFields } from './fields';

const OUTPUT = { done: 0, failed: 1 };

export = (RED: NodeAPI): void => {
  /** Puts the other side on hold, or takes it back. */
  function HoldNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, holdFields, config);

    onInput(this, status, async (msg, send, signal) => {
      const action = fields.choice('action');
      const call = await fields.call(msg);
      const options = { headers: await fields.headers(msg) };
      const failure = await attempt(
        status,
        signal,
        'waiting',
        async () => {
          const outcome = await until(signal, call.hold(action, options));
          msg.sip = sipOf(call, outcome.sip);
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
