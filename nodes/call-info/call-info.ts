import type { NodeAPI } from 'node-red';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { sendFinal } from '../shared/outputs';
import { own } from '../shared/own';
import { NodeStatus } from '../shared/status';
import { exportCall } from './export-call';
import { callInfoFields } from './fields';

const OUTPUT = { info: 0 };

export = (RED: NodeAPI): void => {
  /** Reads the information about a call, during it and for five minutes after it. */
  function CallInfoNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, callInfoFields, config);

    onInput(this, status, async (msg, send, signal) => {
      const found = await fields.watched(msg);
      const info = own('call' in found ? await until(signal, found.call.info()) : found.tombstone.info);
      const traced = 'call' in found ? found.call : found.tombstone;
      msg.callInfo = fields.flag('trace') ? { ...info, trace: traced.trace() } : info;
      const kind = fields.choice('export');
      if (kind !== 'none') msg.payload = await until(signal, exportCall(RED, kind, traced, info));
      status.rest('idle');
      sendFinal(send, OUTPUT.info, msg);
    });
  }

  RED.nodes.registerType('sip-call-info', CallInfoNode);
};
