import type { NodeAPI } from 'node-red';
import { SipflowError } from '../../lib/common';
import { kindOf, rejectUnresolvedEnv } from '../shared/fields';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { afterFlowsStarted } from '../shared/flows-started';
import { noPhone, usePhone } from '../shared/phone-node';
import { localised } from '../shared/localise';
import { NodeStatus } from '../shared/status';

/** What the engine tells of calls and of the registration; the form offers the same. */
const EVENTS: readonly string[] = [
  ...['incoming', 'outgoing', 'ringing', 'progress', 'redirected', 'early-media', 'media-ready'],
  ...['answered', 'dtmf', 'held', 'resumed', 'offer-refused', 'rtp-timeout', 'statistics'],
  ...['transfer-request', 'transfer-progress', 'replaced', 'message', 'ended', 'registration'],
];

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
    if (!phone) return refuse(noPhone());
    let wanted: string[];
    try {
      wanted = eventsOf(config.events);
    } catch (error) {
      return refuse(error);
    }
    phone.started.catch((error: unknown) => status.failed(error));
    if (!phone.engine) return;
    const tell = (event: string, facts: object, extra: object): void => {
      if (wanted.length > 0 && !wanted.includes(event)) return;
      const payload = { event, time: new Date().toISOString(), ...facts };
      const msg: FlowMessage = { _msgid: RED.util.generateId(), topic: event, payload, ...extra };
      this.send(RED.util.cloneMessage(msg));
    };
    const stopCalls = phone.engine.on('callEvent', ({ event, ...facts }) =>
      tell(event, facts, { call: facts.call }),
    );
    const stopRegistration = phone.engine.on('registration', ({ error, routes: _routes, ...report }) => {
      const registration = error ? { ...report, failure: error.toFailure() } : report;
      tell('registration', { instance: phone.id, registration }, {});
    });
    this.on('close', () => {
      stopCalls();
      stopRegistration();
    });
  }

  RED.nodes.registerType('sip-call-events', CallEventsNode);
};

/** The names that were chosen; none means all. Throws BAD_CONFIG. */
function eventsOf(stored: unknown): string[] {
  if (stored === undefined || stored === null || stored === '') return [];
  const names: unknown[] = Array.isArray(stored) ? stored : [stored];
  return names.map((name) => {
    rejectUnresolvedEnv('events', name);
    const event = EVENTS.find((each) => each === name);
    if (event) return event;
    throw new SipflowError(
      'BAD_CONFIG',
      `The field "events" may list ${EVENTS.join(', ')}; it holds ${kindOf(name)}.`,
    );
  });
}
