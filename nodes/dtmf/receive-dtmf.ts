import type { NodeAPI } from 'node-red';
import type { Call, DigitEvent, DtmfResult, GatherOptions } from '../../lib/calls';
import { DEFAULTS, SipflowError } from '../../lib/common';
import { Fields, kindOf, rejectUnresolvedEnv } from '../shared/fields';
import type { FlowMessage, Send, SipNode, SipNodeDef } from '../shared/flow-types';
import { onInput, until } from '../shared/on-input';
import { isCallEnded, sendFinal, sendNews } from '../shared/outputs';
import { NodeStatus } from '../shared/status';

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

const METHODS = ['rfc4733', 'info', 'inband'] as const;
type Method = (typeof METHODS)[number];

/** How many digits a stream remembers for its last message. */
const STREAM_MEMORY = 256;

export = (RED: NodeAPI): void => {
  /** Collects the keys that the other side presses. */
  function ReceiveDtmfNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, config);

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
          { flush: fields.flag('flush'), methods: methodsOf(config) },
          onDigit,
          resolve,
        );
      });
      return until(signal, ended, stop).then(() => resultOf(events, 'ended'));
    };

    onInput(this, status, async (msg, send, signal) => {
      const options = await gatherOptions(fields, config, msg);
      const collect = async (call: Call): Promise<DtmfResult> => {
        const activity = status.begin('listening');
        try {
          if (config.mode === 'stream') return await stream(call, msg, send, signal);
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

async function gatherOptions(fields: Fields, config: SipNodeDef, msg: FlowMessage): Promise<GatherOptions> {
  const floor = DEFAULTS.digitTimeoutFloor;
  return {
    flush: fields.flag('flush'),
    minDigits: await fields.number('minDigits', msg, { fallback: 1, min: 0, max: DEFAULTS.digitBuffer }),
    maxDigits: await fields.number('maxDigits', msg, { fallback: 0, min: 0, max: DEFAULTS.digitBuffer }),
    terminator: config.terminator === undefined ? '#' : await fields.keys('terminator', msg),
    pattern: (await fields.text('pattern', msg)) || undefined,
    firstDigitTimeout: await fields.number('firstDigitTimeout', msg, {
      fallback: DEFAULTS.firstDigitTimeout,
      min: floor,
    }),
    interDigitTimeout: await fields.number('interDigitTimeout', msg, {
      fallback: DEFAULTS.interDigitTimeout,
      min: floor,
    }),
    methods: methodsOf(config),
  };
}

/** The ways of sending digits that count; undefined means all that the call can carry. Throws BAD_CONFIG. */
function methodsOf(config: SipNodeDef): GatherOptions['methods'] {
  const stored: unknown[] = Array.isArray(config.methods) ? config.methods : [config.methods ?? ''];
  const methods = stored.filter((item) => item !== '').map((item) => methodOf(item));
  return methods.length === 0 ? undefined : methods;
}

function methodOf(stored: unknown): Method {
  rejectUnresolvedEnv('methods', stored);
  const method = METHODS.find((name) => name === stored);
  if (method) return method;
  throw new SipflowError(
    'BAD_CONFIG',
    `The field "methods" may list ${METHODS.join(', ')}; it holds ${kindOf(stored)}.`,
  );
}

function resultOf(events: DigitEvent[], reason: DtmfResult['reason']): DtmfResult {
  return {
    digits: events.map((event) => event.digit).join(''),
    method: events.at(-1)?.method ?? null,
    reason,
    events,
  };
}
