import type { NodeAPI } from 'node-red';
import type { Call, Phone, SipReport } from '../../lib/calls';
import { hold, leave, nodeClosed } from '../shared/call-holders';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { afterFlowsStarted } from '../shared/flows-started';
import { noPhone, usePhone, type PhoneNode } from '../shared/phone-node';
import { localised } from '../shared/localise';
import { Fields } from '../shared/message-fields';
import { sipOf } from '../shared/sip-report';
import { NodeStatus } from '../shared/status';
import { arrive } from '../shared/test-steps';
import { incomingCallFields } from './fields';

export = (RED: NodeAPI): void => {
  /** Starts a flow for each call that comes in for a number. */
  function IncomingCallNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, incomingCallFields, config);
    this.on('close', () => nodeClosed(this));

    const receive = (property: string, call: Call, sip: SipReport): void => {
      const activity = status.begin('ringing');
      call.on('answered', () => activity.follow(call));
      call.on('ended', () => activity.end());
      const msg: FlowMessage = { _msgid: RED.util.generateId(), sip: sipOf(call, sip) };
      RED.util.setMessageProperty(msg, property, call.ref, true);
      arrive(this, msg, call.ref);
      hold(this, msg, call);
      leave(this, msg);
      this.send(msg);
    };

    try {
      const phone = usePhone(RED, this, config.instance);
      if (!phone) throw noPhone();
      const property = fields.property('callProperty');
      const options = {
        match: fields.plainText('match'),
        ring: fields.flag('ring'),
        noAnswerTimeout: fields.plainNumber('noAnswerTimeout'),
        noAnswerStatus: fields.plainNumber('noAnswerStatus'),
      };
      // A phone with invalid settings reports that itself; this node only shows why nothing will ring.
      if (phone.engine) {
        this.on(
          'close',
          phone.engine.onCall((call, sip) => receive(property, call, sip), options),
        );
        this.on('close', showRegistration(status, phone, phone.engine));
      }
      phone.started.catch((error: unknown) => status.failed(error));
    } catch (error) {
      status.failed(error);
      afterFlowsStarted(RED, () => this.error(localised(error), {}));
    }
  }

  RED.nodes.registerType('sip-incoming-call', IncomingCallNode);
};

/**
 * The editor shows no status of a phone, which is a config node: the node that gets its calls shows the
 * registration. Returns a function that ends that.
 */
function showRegistration(status: NodeStatus, phone: PhoneNode, engine: Phone): () => void {
  const show = (): void => {
    const shown = phone.registrationStatus?.();
    if (shown) status.restAs(shown.kind, shown.text);
  };
  show();
  return engine.on('registration', show);
}
