import type { NodeAPI } from 'node-red';
import type { RecordOptions } from '../../lib/calls';
import { attempt } from '../shared/attempt';
import { controlAction, RunningByCall } from '../shared/control';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until, untilStarted } from '../shared/on-input';
import { sendFailure, sendFinal, sendNews } from '../shared/outputs';
import { NodeStatus } from '../shared/status';
import { recordFields } from './fields';

const OUTPUT = { finished: 0, failed: 1, started: 2 };

export = (RED: NodeAPI): void => {
  /** Records a call into a WAV file of its own. */
  function RecordNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, recordFields, config);
    const recording = new RunningByCall();

    onInput(this, status, async (msg, send, signal) => {
      const call = await fields.call(msg);
      const action = controlAction(msg);
      if (action) return recording.control(call.id, action);

      const options = await recordOptions(fields, msg);
      const slot = recording.open(call.id);
      const failure = await attempt(status, signal, 'recording', async () => {
        try {
          const running = await untilStarted(signal, call.record(options));
          slot.attach(running);
          sendNews(RED, send, OUTPUT.started, msg, {});
          const { failure: stopped, ...report } = await until(signal, running.finished, () => running.stop());
          msg.recording = report;
          return stopped;
        } finally {
          slot.release();
        }
      });
      if (failure) sendFailure(send, OUTPUT.failed, msg, failure);
      else sendFinal(send, OUTPUT.finished, msg);
    });
  }

  RED.nodes.registerType('sip-record', RecordNode);
};

async function recordOptions(
  fields: Fields<typeof recordFields.fields>,
  msg: FlowMessage,
): Promise<RecordOptions> {
  return {
    file: (await fields.text('file', msg)) || recordFields.fields.file.value,
    channels: fields.choice('channels'),
    beep: fields.flag('beep'),
    maxDuration: await fields.number('maxDuration', msg),
    silenceStop: await fields.number('silenceStop', msg),
    silenceLevel: await fields.number('silenceLevel', msg),
    terminator: await fields.keys('terminator', msg),
  };
}
