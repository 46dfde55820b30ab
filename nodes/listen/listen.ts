import type { NodeAPI } from 'node-red';
import type { ListenOptions, ListenReport } from '../../lib/calls';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { isCallEnded, sendFinal } from '../shared/outputs';
import { own } from '../shared/own';
import { NodeStatus } from '../shared/status';
import { noteDetail } from '../shared/test-steps';
import { world } from '../shared/world';
import { listenFields } from './fields';
import { heardText, statusText } from './heard-text';

const OUTPUT = { heard: 0, 'not-heard': 1, ended: 2, stopped: 2 } as const;

export = (RED: NodeAPI): void => {
  /** Listens to the other side of a call: what was heard, and when. */
  function ListenNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, listenFields, config);
    // So that the node can look back to what came before the message did.
    const forget = config.since === 'start' || config.since === 'sent' ? world.rememberAudio() : undefined;
    this.on('close', () => forget?.());

    onInput(this, status, async (msg, send, signal) => {
      const options = await listenOptions(fields, msg);
      // What an earlier node has heard must not be taken for what this one hears.
      delete msg.heard;
      let report: ListenReport | undefined;
      try {
        const call = await fields.call(msg);
        const activity = status.begin('hearing');
        report = await until(signal, call.listen({ ...options, signal })).finally(() => activity.end());
      } catch (error) {
        if (!isCallEnded(error)) throw error;
      }
      const reason = report?.reason ?? 'ended';
      if (report) {
        msg.heard = own(report.heard);
        if (report.audio) msg.payload = Buffer.from(report.audio);
        noteDetail(msg, heardText(report));
      }
      if (reason === 'not-heard') status.rest('notHeard', statusText(report?.heard));
      else if (reason === 'heard') status.rest('heard', statusText(report?.heard));
      sendFinal(send, OUTPUT[reason], msg);
    });
  }

  RED.nodes.registerType('sip-listen', ListenNode);
};

async function listenOptions(
  fields: Fields<typeof listenFields.fields>,
  msg: FlowMessage,
): Promise<ListenOptions> {
  const reference = await fields.sources('reference', msg);
  const threshold = fields.numberIfAny('threshold');
  return {
    for: fields.choice('for'),
    ...(reference === undefined ? {} : { reference }),
    ...(threshold === undefined ? {} : { threshold }),
    timeout: fields.plainNumber('timeout'),
    silence: fields.plainNumber('silence'),
    since: fields.choice('since'),
    capture: fields.flag('capture'),
  };
}
