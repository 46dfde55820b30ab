import type { NodeAPI } from 'node-red';
import type { DtmfMethod } from '../../lib/calls';
import { DEFAULTS, SipflowError } from '../../lib/common';
import { attempt } from '../shared/attempt';
import { Fields } from '../shared/fields';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { onInput, until } from '../shared/on-input';
import { sendFailure, sendFinal } from '../shared/outputs';
import { NodeStatus } from '../shared/status';

const OUTPUT = { sent: 0, failed: 1 };
const METHODS: readonly DtmfMethod[] = ['auto', 'rfc4733', 'info', 'inband'];

export = (RED: NodeAPI): void => {
  /** Presses keys on a call. */
  function SendDtmfNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, config);

    onInput(this, status, async (msg, send, signal) => {
      const call = await fields.call(msg);
      const options = {
        digits: await fields.text('digits', msg),
        method: methodOf(config.method),
        toneMs: await fields.number('toneMs', msg, { fallback: DEFAULTS.toneMs, min: 40, max: 8000 }),
        gapMs: await fields.number('gapMs', msg, { fallback: DEFAULTS.gapMs, min: 40, max: 8000 }),
      };
      const failure = await attempt(status, signal, 'sending', async () => {
        await until(signal, call.sendDigits(options));
        return undefined;
      });
      if (failure) sendFailure(send, OUTPUT.failed, msg, failure);
      else sendFinal(send, OUTPUT.sent, msg);
    });
  }

  RED.nodes.registerType('sip-send-dtmf', SendDtmfNode);
};

/** Blank is `auto`: what the phone says. */
function methodOf(stored: unknown): DtmfMethod {
  if (stored === undefined || stored === null || stored === '') return 'auto';
  const method = METHODS.find((name) => name === stored);
  if (method) return method;
  throw new SipflowError('BAD_CONFIG', `The field "method" must be one of ${METHODS.join(', ')}.`);
}
