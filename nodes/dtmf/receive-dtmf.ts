import type { NodeAPI } from 'node-red';
import type { Call, DigitEvent, DtmfResult, GatherOptions } from '../../lib/calls';
import type { FlowMessage, Send, SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { isCallEnded, sendFinal, sendNews } from '../shared/outputs';
import { NodeStatus } from '../shared/status';
import { receiveDtmfFields } from './fields';

const OUTPUT = { matched: 0, timeout: 1, invalid: 2, ended: 3 };

/** Which output each end of a gather leaves by. */
const OUTPUT_OF: Readonly<Record<DtmfResult['reason'], number>> = {
  complete: OUTPUT.matched,
  terminator: OUTPUT.matched,
  pattern: OUTPUT.matched,
  timeout: OUTPUT.timeout,
  invalid: OUTPUT.invalid,
  ended: OUTPUT.ended,
};

/** How many digits a stream remembers for its last message. */
const STREAM_MEMORY = 256;

export = (RED: NodeAPI): void => {
  /** Collects the keys that the other side presses. */
  function ReceiveDtmfNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, receiveDtmfFields, config);

    /** Sends a clone for each digit until the call is over, and resolves with all of them. */
    const stream = (call: Call, msg: FlowMessage, send: Send, signal: AbortSignal): Promise<DtmfResult> => {
      const events: DigitEvent[] = [];
      let stop: (() => void) | undefined;
      const ended = new Promise<void>((resolve) => {
        const onDigit = (digit: DigitEvent): void => {
          events.push(digit);
          if (events.length > STREAM_MEMORY) events.shift();
          sendNews(RED, send, OUTPUT.matched, msg, { dtmf: resultOf([digit], 'complete') });
        };
        stop = call.streamDigits(
          { flush: fields.flag('flush'), methods: methodsOf(fields) },
          onDigit,
          resolve,
        );
      });
      return until(signal, ended, stop).then(() => resultOf(events, 'ended'));
    };

    onInput(this, status, async (msg, send, signal) => {
      const options = await gatherOptions(fields, msg);
      const collect = async (call: Call): Promise<DtmfResult> => {
        const activity = status.begin('listening');
        try {
          if (fields.choice('mode') === 'stream') return await stream(call, msg, send, signal);
          return await until(signal, call.gather({ ...options, signal }));
        } finally {
          activity.end();
        }
      };

      let result: DtmfResult;
      try {
        result = await collect(await fields.call(msg));
      } catch (error) {
        if (!isCallEnded(error)) throw error;
        result = resultOf([], 'ended');
      }
      msg.dtmf = result;
      sendFinal(send, OUTPUT_OF[result.reason], msg);
    });
  }

  RED.nodes.registerType('sip-receive-dtmf', ReceiveDtmfNode);
};

async function gatherOptions(
  fields: Fields<typeof receiveDtmfFields.fields>,
  msg: FlowMessage,
): Promise<GatherOptions> {
  const prompt = await fields.source(msg, 'prompt');
  return {
    ...(prompt === undefined ? {} : { prompt }),
    flush: fields.flag('flush'),
    minDigits: await fields.number('minDigits', msg),
    maxDigits: await fields.number('maxDigits', msg),
    terminator: await fields.keys('terminator', msg),
    pattern: (await fields.text('pattern', msg)) || undefined,
    firstDigitTimeout: await fields.number('firstDigitTimeout', msg),
    interDigitTimeout: await fields.number('interDigitTimeout', msg),
    methods: methodsOf(fields),
  };
}

/** The ways of sending digits that count; undefined means all that the call can carry. */
function methodsOf(fields: Fields<typeof receiveDtmfFields.fields>): GatherOptions['methods'] {
  const methods = fields.chosen('methods');
  return methods.length === 0 ? undefined : methods;
}

function resultOf(events: DigitEvent[], reason: DtmfResult['reason']): DtmfResult {
  return {
    digits: events.map((event) => event.digit).join(''),
    method: events.at(-1)?.method ?? null,
    reason,
    events,
  };
}
