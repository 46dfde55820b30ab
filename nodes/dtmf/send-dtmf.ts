import type { NodeAPI } from 'node-red';
import { attempt } from '../shared/attempt';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { sendFailure, sendFinal } from '../shared/outputs';
import { NodeStatus } from '../shared/status';
import { sendDtmfFields } from './fields';

const OUTPUT = { sent: 0, failed: 1 };

export = (RED: NodeAPI): void => {
  /** Presses keys on a call. */
  function SendDtmfNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, sendDtmfFields, config);

    onInput(this, status, async (msg, send, signal) => {
      const call = await fields.call(msg);
      const options = {
        digits: await fields.text('digits', msg),
        method: fields.choice('method'),
        toneMs: await fields.number('toneMs', msg),
        gapMs: await fields.number('gapMs', msg),
      };
      const failure = await attempt(status, signal, 'sending', async () => {
        await until(signal, call.sendDigits(options));
        return undefined;
      });
      if (failure) sendFailure(send, OUTPUT.failed, msg, failure);
      else sendFinal(send, OUTPUT.sent, msg);
    });
  }

  RED.nodes.registerType('sip-send-dtmf', SendDtmfNode);
};
