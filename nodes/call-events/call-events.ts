import type { NodeAPI } from 'node-red';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { afterFlowsStarted } from '../shared/flows-started';
import { noInstance, useInstance } from '../shared/instance-node';
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
      afterFlowsStarted(RED, () => this.error(noInstance(), {}));
      return;
    }
    instance.started.catch(() => status.failed());
    if (!instance.engine) return;
    const stop = instance.engine.on('callEvent', ({ event, ...facts }) => {
      if (wanted.length > 0 && !wanted.includes(event)) return;
      const payload = { event, time: new Date().toISOString(), ...facts };
      const msg: FlowMessage = { _msgid: RED.util.generateId(), topic: event, payload, call: facts.call };
      this.send(RED.util.cloneMessage(msg));
    });
    this.on('close', stop);
  }

  RED.nodes.registerType('sip-call-events', CallEventsNode);
};
