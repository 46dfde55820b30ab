import type { NodeAPI } from 'node-red';
import { SipflowError } from '../../lib/common/errors';
import { Fields } from '../shared/fields';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { onInput, until, untilStarted } from '../shared/on-input';
import { sendFailure, sendFinal, sendNews, worldlyFailure } from '../shared/outputs';
import { NodeStatus } from '../shared/status';

const OUTPUT = { done: 0, failed: 1, started: 2 };

export = (RED: NodeAPI): void => {
  /** Lets a caller hear something before the call is answered (183 with SDP). */
  function EarlyMediaNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, config);

    onInput(this, status, async (msg, send, signal) => {
      const call = await fields.call(msg);
      const source = await fields.source(msg);
      const activity = status.begin('playing');
      try {
        msg.sip = await until(signal, call.startEarlyMedia({ reliable: fields.flag('reliable') }));
        if (source === undefined) {
          sendNews(RED, send, OUTPUT.started, msg, {});
        } else {
          const running = await untilStarted(signal, call.play({ source, loop: fields.flag('loop') }));
          sendNews(RED, send, OUTPUT.started, msg, {});
          // What plays until the call is answered has then done its work.
          const stopListening = fields.flag('loop') ? call.on('answered', () => running.stop()) : undefined;
          const report = await until(signal, running.finished, () => running.stop());
          stopListening?.();
          if (report.reason === 'hangup') {
            throw new SipflowError('CALL_ENDED', 'The call ended before the early media had been played.');
          }
        }
        activity.end();
      } catch (error) {
        activity.end();
        if (signal.aborted) throw error;
        const failure = worldlyFailure(error);
        msg.sip = call.lastSip;
        status.failed();
        return sendFailure(send, OUTPUT.failed, msg, failure);
      }
      sendFinal(send, OUTPUT.done, msg);
    });
  }

  RED.nodes.registerType('sip-early-media', EarlyMediaNode);
};
