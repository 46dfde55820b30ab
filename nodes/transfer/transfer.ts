import type { NodeAPI } from 'node-red';
import type { Call, SipReport, TransferOutcome } from '../../lib/calls';
import { attempt } from '../shared/attempt';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { sendFailure, sendFinal, sendNews } from '../shared/outputs';
import { own } from '../shared/own';
import { NodeStatus } from '../shared/status';
import { transferFields } from './fields';

const OUTPUT = { transferred: 0, progress: 1, failed: 2 };

export = (RED: NodeAPI): void => {
  /** Transfers the other side to another target, or answers its request to transfer us. */
  function TransferNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, transferFields, config);

    onInput(this, status, async (msg, send, signal) => {
      const call = await fields.call(msg);
      const start = await transfer(call, fields, msg);
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

/** Reads the fields of this kind of transfer. Returns a function that starts it. */
async function transfer(
  call: Call,
  fields: Fields<typeof transferFields.fields>,
  msg: FlowMessage,
): Promise<() => Promise<TransferOutcome>> {
  const kind = fields.choice('kind');
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
