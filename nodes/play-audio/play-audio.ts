import type { NodeAPI } from 'node-red';
import type { PlaybackReport, PlayOptions } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { serveAudioInfo } from '../shared/audio-info';
import { controlAction, RunningByCall } from '../shared/control';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until, untilStarted } from '../shared/on-input';
import { isCallEnded, sendFinal, sendNews } from '../shared/outputs';
import type { Audience } from '../shared/rooms';
import { NodeStatus } from '../shared/status';
import { playAudioFields } from './fields';

const OUTPUT = { completed: 0, interrupted: 1, ended: 2, started: 3 };

/** Which output each end of a playback leaves by. */
const OUTPUT_OF: Readonly<Record<PlaybackReport['reason'], number>> = {
  completed: OUTPUT.completed,
  'max-duration': OUTPUT.completed,
  dtmf: OUTPUT.interrupted,
  stopped: OUTPUT.interrupted,
  hangup: OUTPUT.ended,
};

export = (RED: NodeAPI): void => {
  /** Plays a sound into a call, or to all calls of a conference, and says how it ended. */
  function PlayAudioNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, playAudioFields, config);
    const playing = new RunningByCall();

    onInput(this, status, async (msg, send, signal) => {
      const action = controlAction(msg);
      if (action) return playing.control((await fields.audience(msg)).id, action);

      const options = await playOptions(fields, msg);
      const play = async (audience: Audience): Promise<PlaybackReport> => {
        const slot = playing.open(audience.id);
        const activity = status.begin('playing');
        try {
          const running = await untilStarted(signal, audience.play(options));
          slot.attach(running);
          sendNews(RED, send, OUTPUT.started, msg, {});
          return await until(signal, running.finished, () => running.stop());
        } finally {
          slot.release();
          activity.end();
        }
      };

      try {
        msg.playback = await play(await fields.audience(msg));
      } catch (error) {
        if (!isCallEnded(error)) throw error;
        msg.playback = nothingPlayed(options);
      }
      sendFinal(send, OUTPUT_OF[(msg.playback as PlaybackReport).reason], msg);
    });
  }

  RED.nodes.registerType('sip-play-audio', PlayAudioNode);
  serveAudioInfo(RED);
};

async function playOptions(
  fields: Fields<typeof playAudioFields.fields>,
  msg: FlowMessage,
): Promise<PlayOptions> {
  const source = await fields.source(msg);
  if (source === undefined) {
    throw new SipflowError(
      'BAD_AUDIO',
      'There is nothing to play: fill in the source, such as sipflow:welcome, a file name or tone:440.',
    );
  }
  return {
    source,
    strict: fields.flag('strict'),
    loop: fields.flag('loop'),
    offset: await fields.number('offset', msg),
    maxDuration: await fields.number('maxDuration', msg),
    bargeIn: await fields.interruptingKeys('bargeIn', msg),
  };
}

/** Report of a playback whose call was over before the first packet. */
function nothingPlayed(options: PlayOptions): PlaybackReport {
  const source = typeof options.source === 'string' ? options.source : 'buffer';
  return { source, durationMs: 0, playedMs: 0, reason: 'hangup' };
}
