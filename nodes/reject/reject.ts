import type { NodeAPI } from 'node-red';
import { SipflowError } from '../../lib/common';
import { kindOf } from '../shared/field-values';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { incomingOnly } from '../shared/incoming-only';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { sendFinal } from '../shared/outputs';
import { own } from '../shared/own';
import { NodeStatus } from '../shared/status';
import { rejectFields } from './fields';

const OUTPUT = { rejected: 0 };

/** A URI as it may stand in angle brackets (RFC 3261, 25.1), roughly: nothing in it ends them or the line. */
const URI = /^[a-z][a-z0-9+.-]*:[^\s<>"]+$/i;

export = (RED: NodeAPI): void => {
  /** Refuses a call that rings, with a status of the flow's choice. */
  function RejectNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, rejectFields, config);

    onInput(this, status, async (msg, send, signal) => {
      const call = await fields.call(msg);
      const code = await fields.number('statusCode', msg);
      const contact = await fields.text('contact', msg);
      if (contact !== '' && !URI.test(contact)) {
        throw new SipflowError(
          'BAD_CONFIG',
          `The field "contact" must be a URI such as sip:1003@example.com; it is ${kindOf(contact)}.`,
        );
      }
      if (code < 400 && contact === '') {
        throw new SipflowError(
          'BAD_CONFIG',
          `Status ${code} sends the caller elsewhere, so the field "contact" must say where, such as sip:1003@example.com.`,
        );
      }
      const options = {
        status: code,
        reason: (await fields.text('reason', msg)) || undefined,
        contact: contact || undefined,
        headers: await fields.headers(msg),
      };
      msg.sip = own(await until(signal, incomingOnly(call, 'rejected').reject(options)));
      status.rest('idle');
      sendFinal(send, OUTPUT.rejected, msg);
    });
  }

  RED.nodes.registerType('sip-reject', RejectNode);
};
