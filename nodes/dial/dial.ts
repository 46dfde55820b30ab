import type { NodeAPI } from 'node-red';
import type { DialThrough, DialThroughOutcome, SipReport } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { attempt } from '../shared/attempt';
import { hold } from '../shared/call-holders';
import { controlAction } from '../shared/control';
import { dialOptions } from '../shared/dial-options';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until, untilStarted } from '../shared/on-input';
import { sendFailure, sendFinal, sendNews } from '../shared/outputs';
import { own } from '../shared/own';
import { readyEngine, usePhone } from '../shared/phone-node';
import { sipOf } from '../shared/sip-report';
import { NodeStatus } from '../shared/status';
import { attemptOf, marked } from '../shared/test-steps';
import { dialFields } from './fields';

const OUTPUT = { ended: 0, failed: 1, joined: 2 };

export = (RED: NodeAPI): void => {
  /** Calls targets on behalf of a call, and joins it with the one that answers. */
  function DialNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, dialFields, config);
    const phone = usePhone(RED, this, config.instance);
    /** By the id of the first call, and of the second one once they are joined. */
    const running = new Map<string, DialThrough>();

    onInput(this, status, async (msg, send, signal) => {
      const call = await fields.call(msg);
      if (controlAction(msg) === 'stop') {
        const dial = running.get(call.id);
        if (!dial) throw notDialled();
        return dial.stop();
      }
      const property = fields.property('callProperty');
      const options = {
        targets: await fields.texts('target', msg),
        order: fields.choice('order'),
        onFailure: fields.choice('onFailure'),
        ringback: (await fields.source(msg, 'ringback')) ?? '',
        ...marked(msg, await dialOptions(fields, msg)),
      };
      const engine = await until(signal, readyEngine(phone));
      const failure = await attempt(
        status,
        signal,
        'calling',
        async (activity) => {
          const dial = await untilStarted(signal, engine.dialThrough(call, options));
          const ids = [call.id];
          running.set(call.id, dial);
          try {
            dial.on('progress', () => activity.set('ringing'));
            const outcome = await until(signal, dial.outcome, () => dial.stop());
            msg.dial = attemptsOf(outcome);
            if (outcome.kind === 'failed') {
              msg.sip = own(outcome.sip);
              return outcome.failure;
            }
            const { call: second, sip, finished } = outcome;
            ids.push(second.id);
            running.set(second.id, dial);
            attemptOf(msg)?.adopt(second);
            hold(this, msg, second);
            RED.util.setMessageProperty(msg, property, second.ref, true);
            msg.sip = sipOf(second, sip);
            activity.follow(second);
            sendNews(RED, send, OUTPUT.joined, msg, {});
            msg.bridge = await until(signal, finished, () => dial.stop());
            return undefined;
          } finally {
            for (const id of ids) running.delete(id);
          }
        },
        () => msg.sip as SipReport | undefined,
      );
      if (failure) sendFailure(send, OUTPUT.failed, msg, failure);
      else sendFinal(send, OUTPUT.ended, msg);
    });
  }

  RED.nodes.registerType('sip-dial', DialNode);
};

/** `msg.dial`: the target that has answered, if any, and what became of each. */
function attemptsOf({ attempts }: DialThroughOutcome): object {
  const answered = attempts.find(({ result }) => result === 'answered');
  return own({ target: answered?.target ?? null, attempts });
}

function notDialled(): SipflowError {
  return new SipflowError(
    'CALL_STATE',
    'This node calls nobody for that call now, so there is nothing to stop; send msg.action only while it is busy.',
  );
}
