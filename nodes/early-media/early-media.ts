import type { NodeAPI } from 'node-red';
import type { Failure } from '../../lib/calls';
import { attempt } from '../shared/attempt';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { incomingOnly } from '../shared/incoming-only';
import { Fields } from '../shared/message-fields';
import { onInput, until, untilStarted } from '../shared/on-input';
import { sendFailure, sendFinal, sendNews } from '../shared/outputs';
import { sipOf } from '../shared/sip-report';
import { NodeStatus } from '../shared/status';
import { earlyMediaFields } from './fields';

const OUTPUT = { done: 0, failed: 1, started: 2 };

export = (RED: NodeAPI): void => {
  /** Lets a caller hear something before the call is answered (183 with SDP). */
  function EarlyMediaNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, earlyMediaFields, config);

    onInput(this, status, async (msg, send, signal) => {
      const call = await fields.call(msg);
      const source = await fields.source(msg);
      const options = { reliable: fields.flag('reliable'), headers: await fields.headers(msg) };
      const failure = await attempt(status, signal, 'playing', async () => {
        msg.sip = sipOf(
          call,
          await until(signal, incomingOnly(call, 'given early media').startEarlyMedia(options)),
        );
        if (source === undefined) {
          sendNews(RED, send, OUTPUT.started, msg, {});
          return undefined;
        }
        const running = await untilStarted(signal, call.play({ source, loop: fields.flag('loop') }));
        sendNews(RED, send, OUTPUT.started, msg, {});
        // A loop plays until the call is answered.
        const stopListening = fields.flag('loop') ? call.on('answered', () => running.stop()) : undefined;
        try {
          const { reason } = await until(signal, running.finished, () => running.stop());
          return reason === 'hangup' ? cutShort() : undefined;
        } finally {
          stopListening?.();
        }
      });
      if (!failure) return sendFinal(send, OUTPUT.done, msg);
      msg.sip = sipOf(call);
      sendFailure(send, OUTPUT.failed, msg, failure);
    });
  }

  RED.nodes.registerType('sip-early-media', EarlyMediaNode);
};

function cutShort(): Failure {
  return { code: 'CALL_ENDED', message: 'The call ended before the early media had been played.' };
}
