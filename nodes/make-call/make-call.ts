import type { NodeAPI } from 'node-red';
import { hold } from '../shared/call-holders';
import { dialOptions } from '../shared/dial-options';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { readyEngine, usePhone } from '../shared/phone-node';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { sendFailure, sendFinal, sendNews } from '../shared/outputs';
import { sipOf } from '../shared/sip-report';
import { NodeStatus } from '../shared/status';
import { aboutCall, dialFor } from '../shared/test-steps';
import { makeCallFields } from './fields';

const OUTPUT = { answered: 0, progress: 1, failed: 2 };

export = (RED: NodeAPI): void => {
  /** Calls a number and says how that went. */
  function MakeCallNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, makeCallFields, config);
    const phone = usePhone(RED, this, config.instance);

    onInput(this, status, async (msg, send, signal) => {
      const property = fields.property('callProperty');
      const options = {
        target: await fields.text('target', msg),
        ...(await dialOptions(fields, msg)),
      };
      const engine = await until(signal, readyEngine(phone));

      const activity = status.begin('calling');
      try {
        const dialling = dialFor(msg, engine, options);
        const call = await until(
          signal,
          dialling,
          () =>
            void dialling.then(
              (late) => late.hangup(),
              () => undefined,
            ),
        );
        aboutCall(msg, call.ref);
        hold(this, msg, call);
        RED.util.setMessageProperty(msg, property, call.ref, true);
        call.on('progress', (sip) => {
          activity.set(sip.event === 'retry' ? 'calling' : 'ringing');
          sendNews(RED, send, OUTPUT.progress, msg, { sip: sipOf(call, sip) });
        });
        const outcome = await until(signal, call.outcome, () => void call.hangup());
        msg.sip = sipOf(call, outcome.sip);
        if (outcome.kind === 'failed') {
          activity.fail(outcome.failure, outcome.sip);
          sendFailure(send, OUTPUT.failed, msg, outcome.failure);
          return;
        }
        activity.follow(call);
        sendFinal(send, OUTPUT.answered, msg);
      } catch (error) {
        activity.end();
        throw error;
      }
    });
  }

  RED.nodes.registerType('sip-make-call', MakeCallNode);
};
