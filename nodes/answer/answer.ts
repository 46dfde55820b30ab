import type { NodeAPI } from 'node-red';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { incomingOnly } from '../shared/incoming-only';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { sendFailure, sendFinal, worldlyFailure } from '../shared/outputs';
import { sipOf } from '../shared/sip-report';
import { NodeStatus } from '../shared/status';
import { answerFields } from './fields';

const OUTPUT = { answered: 0, failed: 1 };

export = (RED: NodeAPI): void => {
  /** Picks up: sends the 200 and goes on when the caller has acknowledged it. */
  function AnswerNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, answerFields, config);

    onInput(this, status, async (msg, send, signal) => {
      const call = await fields.call(msg);
      const options = { headers: await fields.headers(msg), codecs: await fields.codecs(msg) };
      const activity = status.begin('ringing');
      try {
        msg.sip = sipOf(call, await until(signal, incomingOnly(call, 'answered').answer(options)));
      } catch (error) {
        activity.end();
        if (signal.aborted) throw error;
        const failure = worldlyFailure(error);
        msg.sip = sipOf(call);
        status.failed(error, call.lastSip);
        return sendFailure(send, OUTPUT.failed, msg, failure);
      }
      activity.follow(call);
      sendFinal(send, OUTPUT.answered, msg);
    });
  }

  RED.nodes.registerType('sip-answer', AnswerNode);
};
