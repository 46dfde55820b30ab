import type { NodeAPI } from 'node-red';
import type { Call, SipReport, TransferOutcome } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { attempt } from '../shared/attempt';
import { Fields } from '../shared/fields';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { onInput, until } from '../shared/on-input';
import { sendFailure, sendFinal, sendNews } from '../shared/outputs';
import { own } from '../shared/own';
import { NodeStatus } from '../shared/status';

const OUTPUT = { transferred: 0, progress: 1, failed: 2 };
const KINDS = ['blind', 'attended', 'accept', 'decline'] as const;

export = (RED: NodeAPI): void => {
  /** Sends the other side to somebody else, or answers its wish to send us there. */
  function TransferNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, config);

    onInput(this, status, async (msg, send, signal) => {
      const kind = kindOf(config.kind);
      const call = await fields.call(msg);
      const start = await transfer(kind, call, fields, msg);
      const failure = await attempt(
        status,
        signal,
        'waiting',
        async () => {
          const stop = call.on('transferProgress', (sip) =>
            sendNews(RED, send, OUTPUT.progress, msg, { sip }),
          );
          try {
            const outcome = await until(signal, start());
            msg.sip = own(outcome.sip);
            return outcome.kind === 'failed' ? outcome.failure : undefined;
          } finally {
            stop();
          }
        },
        () => msg.sip as SipReport | undefined,
      );
      if (failure) sendFailure(send, OUTPUT.failed, msg, failure);
      else sendFinal(send, OUTPUT.transferred, msg);
    });
  }

  RED.nodes.registerType('sip-transfer', TransferNode);
};

/** Reads the fields that this kind needs, and returns what starts it. */
async function transfer(
  kind: (typeof KINDS)[number],
  call: Call,
  fields: Fields,
  msg: FlowMessage,
): Promise<() => Promise<TransferOutcome>> {
  switch (kind) {
    case 'blind': {
      const target = await fields.text('target', msg);
      const headers = await fields.headers(msg);
      return () => call.transfer({ kind, target, headers });
    }
    case 'attended': {
      const consultCall = await fields.call(msg, 'consultCall');
      const headers = await fields.headers(msg);
      return () => call.transfer({ kind, consultCall, headers });
    }
    case 'accept':
    case 'decline':
      return () => call.answerTransfer(kind);
  }
}

function kindOf(stored: unknown): (typeof KINDS)[number] {
  const kind = KINDS.find((name) => name === (stored ?? 'blind'));
  if (kind) return kind;
  throw new SipflowError('BAD_CONFIG', `The field "kind" must be one of ${KINDS.join(', ')}.`);
}
