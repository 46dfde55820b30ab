import type { NodeAPI } from 'node-red';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { sendFinal } from '../shared/outputs';
import { NodeStatus } from '../shared/status';
import { hangupFields } from './fields';

const OUTPUT = { done: 0 };

export = (RED: NodeAPI): void => {
  /** Ends a call in any state; a call that is already over counts as done. */
  function HangupNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, hangupFields, config);

    onInput(this, status, async (msg, send, signal) => {
      const found = await fields.callOrTombstone(msg);
      const headers = await fields.headers(msg);
      if ('call' in found) await until(signal, found.call.hangup({ headers }));
      status.rest('idle');
      sendFinal(send, OUTPUT.done, msg);
    });
  }

  RED.nodes.registerType('sip-hangup', HangupNode);
};
