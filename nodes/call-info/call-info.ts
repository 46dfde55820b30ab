import type { NodeAPI } from 'node-red';
import { Fields } from '../shared/fields';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { onInput, until } from '../shared/on-input';
import { sendFinal } from '../shared/outputs';
import { NodeStatus } from '../shared/status';

const OUTPUT = { info: 0 };

export = (RED: NodeAPI): void => {
  /** Asks what is known about a call, during it and for five minutes after it. */
  function CallInfoNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, config);

    onInput(this, status, async (msg, send, signal) => {
      const found = await fields.callOrTombstone(msg);
      msg.callInfo = 'call' in found ? await until(signal, found.call.info()) : found.tombstone.info;
      status.rest('idle');
      sendFinal(send, OUTPUT.info, msg);
    });
  }

  RED.nodes.registerType('sip-call-info', CallInfoNode);
};
