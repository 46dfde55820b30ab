import type { NodeAPI } from 'node-red';
import { SipflowError } from '../../lib/common';
import { kindOf } from '../shared/field-values';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { afterFlowsStarted } from '../shared/flows-started';
import { onInput, until } from '../shared/on-input';
import { noPhone, readyEngine, usePhone } from '../shared/phone-node';
import { localised } from '../shared/localise';
import { NodeStatus } from '../shared/status';
import { StoredFields } from '../shared/stored-fields';
import { callEventsFields } from './fields';

export = (RED: NodeAPI): void => {
  /** Reports everything that happens to the calls of a phone, for dashboards and message brokers. */
  function CallEventsNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const refuse = (error: unknown): void => {
      status.failed(error);
      afterFlowsStarted(RED, () => this.error(localised(error), {}));
    };

    const phone = usePhone(RED, this, config.instance);
    onInput(this, status, async (msg, _send, signal) => {
      const action = registrationAction(msg.action);
      const engine = await until(signal, readyEngine(phone));
      await until<unknown>(signal, action === 'register' ? engine.register() : engine.unregister());
    });
    if (!phone) return refuse(noPhone());
    let wanted: readonly string[];
    let answers: boolean;
    try {
      const stored = new StoredFields(callEventsFields, config);
      wanted = stored.chosen('events');
      answers = stored.flag('answerRequests');
    } catch (error) {
      return refuse(error);
    }
    phone.started.catch((error: unknown) => status.failed(error));
    if (!phone.engine) return;
    const isWanted = (event: string): boolean => wanted.length === 0 || wanted.includes(event);
    const tell = (event: string, facts: object, extra: object): void => {
      if (!isWanted(event)) return;
      const payload = { event, time: new Date().toISOString(), ...facts };
      const msg: FlowMessage = { _msgid: RED.util.generateId(), topic: event, payload, ...extra };
      this.send(RED.util.cloneMessage(msg));
    };
    const stopCalls = phone.engine.on('callEvent', ({ event, ...facts }) =>
      tell(event, facts, facts.request ? { request: facts.request } : { call: facts.call }),
    );
    const stopRequests = phone.engine.on('request', ({ method }, defer) => {
      if (answers && isWanted(method.toLowerCase())) defer();
    });
    const stopRegistration = phone.engine.on('registration', ({ error, routes: _routes, ...report }) => {
      const registration = error ? { ...report, failure: error.toFailure() } : report;
      tell('registration', { instance: phone.id, registration }, {});
    });
    this.on('close', () => {
      stopCalls();
      stopRequests();
      stopRegistration();
    });
  }

  RED.nodes.registerType('sip-call-events', CallEventsNode);
};

/** Action of a message on the registration. Throws BAD_CONFIG. */
function registrationAction(action: unknown): 'register' | 'unregister' {
  if (action === 'register' || action === 'unregister') return action;
  throw new SipflowError('BAD_CONFIG', `msg.action must be register or unregister; it is ${kindOf(action)}.`);
}
