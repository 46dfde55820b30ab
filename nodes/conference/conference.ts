import type { NodeAPI } from 'node-red';
import type { Call, ConferenceReport } from '../../lib/calls';
import { attempt } from '../shared/attempt';
import { controlAction } from '../shared/control';
import type { FlowMessage, Send, SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until, untilStarted } from '../shared/on-input';
import { sendFailure, sendFinal, sendNews } from '../shared/outputs';
import { type ConferenceRef, conferenceRef, joinRoom, stayOf } from '../shared/rooms';
import { NodeStatus } from '../shared/status';
import { conferenceFields } from './fields';

const OUTPUT = { left: 0, failed: 1, joined: 2 };

export = (RED: NodeAPI): void => {
  /** Brings a call into a conference, or takes it out. */
  function ConferenceNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, conferenceFields, config);

    onInput(this, status, async (msg, send, signal) => {
      const call = await fields.call(msg);
      if (fields.choice('action') === 'leave' || controlAction(msg) === 'stop') return leave(call, msg, send);
      const room = await fields.text('room', msg);
      const failure = await attempt(status, signal, 'waiting', async (activity) => {
        const stay = await untilStarted(signal, joinRoom(room, call));
        activity.follow(call);
        sendNews(RED, send, OUTPUT.joined, msg, { conference: conferenceRef(room) });
        msg.conference = ended(room, await until(signal, stay.finished, () => stay.stop()));
        return undefined;
      });
      if (failure) sendFailure(send, OUTPUT.failed, msg, failure);
      else sendFinal(send, OUTPUT.left, msg);
    });
  }

  RED.nodes.registerType('sip-conference', ConferenceNode);
};

async function leave(call: Call, msg: FlowMessage, send: Send): Promise<void> {
  const { room, stay } = stayOf(call);
  stay.stop();
  msg.conference = ended(room, await stay.finished);
  sendFinal(send, OUTPUT.left, msg);
}

function ended(room: string, report: ConferenceReport): ConferenceRef & ConferenceReport {
  return { ...conferenceRef(room), ...report };
}
