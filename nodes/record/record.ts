import type { NodeAPI } from 'node-red';
import type { RecordChannels, RecordOptions } from '../../lib/calls';
import { DEFAULTS, SipflowError } from '../../lib/common';
import { attempt } from '../shared/attempt';
import { controlAction, RunningByCall } from '../shared/control';
import { Fields } from '../shared/fields';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { onInput, until, untilStarted } from '../shared/on-input';
import { sendFailure, sendFinal, sendNews } from '../shared/outputs';
import { NodeStatus } from '../shared/status';

const OUTPUT = { finished: 0, failed: 1, started: 2 };
const CHANNELS: readonly RecordChannels[] = ['mixed', 'stereo', 'received', 'sent'];
const DEFAULT_FILE = '{{timestamp}}-{{from}}-{{to}}.wav';

export = (RED: NodeAPI): void => {
  /** Records a call into a WAV file of its own. */
  function RecordNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, config);
    const recording = new RunningByCall();

    onInput(this, status, async (msg, send, signal) => {
      const call = await fields.call(msg);
      const action = controlAction(msg);
      if (action) return recording.control(call.id, action);

      const options = await recordOptions(fields, config, msg);
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

async function recordOptions(fields: Fields, config: SipNodeDef, msg: FlowMessage): Promise<RecordOptions> {
  const channels = CHANNELS.find((name) => name === (config.channels ?? 'mixed'));
  if (!channels) {
    throw new SipflowError('BAD_CONFIG', `The field "channels" must be one of ${CHANNELS.join(', ')}.`);
  }
  return {
    file: (await fields.text('file', msg)) || DEFAULT_FILE,
    channels,
    beep: fields.flag('beep'),
    maxDuration: await fields.number('maxDuration', msg, { fallback: DEFAULTS.maxDuration, min: 0 }),
    silenceStop: await fields.number('silenceStop', msg, { fallback: DEFAULTS.silenceStop, min: 0 }),
    silenceLevel: await fields.number('silenceLevel', msg, {
      fallback: DEFAULTS.silenceLevel,
      min: -90,
      max: 0,
    }),
    terminator: await fields.keys('terminator', msg),
  };
}
