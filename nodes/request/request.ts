import type { NodeAPI } from 'node-red';
import type { RequestReport } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { attempt } from '../shared/attempt';
import type { FlowMessage, Send, SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { sendFailure, sendFinal } from '../shared/outputs';
import { own } from '../shared/own';
import { readyEngine, usePhone } from '../shared/phone-node';
import { NodeStatus } from '../shared/status';
import { answerOf } from './answer';
import { requestFields } from './fields';
import { NodeSubscriptions } from './node-subscriptions';

const OUTPUT = { answered: 0, failed: 1 };

export = (RED: NodeAPI): void => {
  /** Sends a SIP request and reports its outcome; answers one that came in; keeps a subscription. */
  function RequestNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, requestFields, config);
    const phone = usePhone(RED, this, config.instance);
    const subscriptions = new NodeSubscriptions(RED);

    const content = async (msg: FlowMessage) => ({
      body: await fields.content('body', msg),
      contentType: (await fields.text('contentType', msg)) || 'text/plain',
      headers: await fields.headers(msg),
    });

    const answer = async (msg: FlowMessage, send: Send, signal: AbortSignal): Promise<void> => {
      const { id, answer: given } = answerOf(msg, await content(msg));
      const engine = await until(signal, readyEngine(phone));
      if (engine.answerRequest(id, given)) return sendFinal(send, OUTPUT.answered, msg);
      const message = 'The request has its answer already: a flow has 1 s for it.';
      sendFailure(send, OUTPUT.failed, msg, { code: 'TIMEOUT', message });
    };

    onInput(this, status, async (msg, send, signal) => {
      if (msg.action === 'answer') return answer(msg, send, signal);
      if (msg.action === 'stop') return subscriptions.stop(msg.subscription);
      const method = (await fields.text('method', msg)).toUpperCase();
      const inside = fields.flag('inside');
      const options = { method, ...(await content(msg)), timeout: await fields.number('timeout', msg) };
      if (method === 'SUBSCRIBE' && inside) {
        throw new SipflowError('BAD_CONFIG', 'SUBSCRIBE is sent outside of calls: clear "inside".', {
          field: 'inside',
        });
      }
      const failure = await attempt(
        status,
        signal,
        'waiting',
        async () => {
          const outcome = inside
            ? await until(
                signal,
                (await fields.call(msg)).request({ ...options, codecs: await fields.codecs(msg) }),
              )
            : await sendOutside(msg, send, signal, options);
          msg.sip = own(outcome.sip);
          return outcome.kind === 'failed' ? outcome.failure : undefined;
        },
        () => msg.sip as RequestReport | undefined,
      );
      if (failure) sendFailure(send, OUTPUT.failed, msg, failure);
      else sendFinal(send, OUTPUT.answered, msg);
    });

    const sendOutside = async (
      msg: FlowMessage,
      send: Send,
      signal: AbortSignal,
      options: { method: string } & Awaited<ReturnType<typeof content>> & { timeout: number | undefined },
    ) => {
      const target = await fields.text('target', msg);
      const engine = await until(signal, readyEngine(phone));
      if (options.method !== 'SUBSCRIBE') return until(signal, engine.request({ ...options, target }));
      const { body, contentType, headers, timeout } = options;
      const subscribe = { target, body, contentType, headers, ...(timeout === undefined ? {} : { timeout }) };
      return subscriptions.run(engine, subscribe, msg, send, signal);
    };
  }

  RED.nodes.registerType('sip-request', RequestNode);
};
