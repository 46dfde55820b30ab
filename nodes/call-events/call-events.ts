import type { NodeAPI } from 'node-red';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { afterFlowsStarted } from '../shared/flows-started';
import { noInstance, useInstance } from '../shared/instance-node';
import { localised } from '../shared/localise';
import { NodeStatus } from '../shared/status';

export = (RED: NodeAPI): void => {
  /** Reports everything that happens to the calls of an instance, for dashboards and message brokers. */
  function CallEventsNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const wanted: unknown[] = Array.isArray(config.events) ? config.events : [];

    const instance = useInstance(RED, this, config.instance);
    if (!instance) {
      status.failed();
      afterFlowsStarted(RED, () => this.error(localised(noInstance()), {}));
      return;
    }
    instance.started.catch(() => status.failed());
    if (!instance.engine) return;
    const tell = (event: string, facts: object, extra: object): void => {
      if (wanted.length > 0 && !wanted.includes(event)) return;
      const payload = { event, time: new Date().toISOString(), ...facts };
      const msg: FlowMessage = { _msgid: RED.util.generateId(), topic: event, payload, ...extra };
      this.send(RED.util.cloneMessage(msg));
    };
    const stopCalls = instance.engine.on('callEvent', ({ event, ...facts }) =>
      tell(event, facts, { call: facts.call }),
    );
    const stopRegistration = instance.engine.on('registration', ({ error, routes: _routes, ...report }) => {
      const registration = error ? { ...report, failure: error.toFailure() } : report;
      tell('registration', { instance: instance.id, registration }, {});
    });
    this.on('close', () => {
      stopCalls();
      stopRegistration();
    });
  }

  RED.nodes.registerType('sip-call-events', CallEventsNode);
};
