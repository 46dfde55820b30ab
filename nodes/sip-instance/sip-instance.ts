import { homedir } from 'node:os';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import { createInstance } from '../../lib/calls';
import { toFault } from '../shared/fault';
import type { SipNodeDef } from '../shared/flow-types';
import { afterFlowsStarted } from '../shared/flows-started';
import type { InstanceNode } from '../shared/instance-node';
import { NodeStatus } from '../shared/status';
import { toInstanceOptions } from './options';

export = (RED: NodeAPI): void => {
  /** A phone: one number, one SIP port, and what its calls have in common. */
  function SipInstanceNode(this: InstanceNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    this.users = {};
    const status = new NodeStatus(this, 'starting');
    const flowsStarted = new Promise<void>((resolve) => afterFlowsStarted(RED, resolve));
    const report = (error: unknown): void => {
      status.failed();
      // The nodes that use this instance, through which Catch nodes hear of it, come to life after it.
      void flowsStarted.then(() => this.error(toFault(error), {}));
    };

    const start = async (): Promise<void> => {
      const userDir = RED.settings.userDir ?? join(homedir(), '.node-red');
      const engine = createInstance(toInstanceOptions(config, userDir));
      this.engine = engine;
      await engine.start();
      status.rest('ready');
      engine.on('calls', (count) => (count === 0 ? status.rest('ready') : status.rest('inCall', count)));
      engine.on('state', (state, error) => {
        if (state === 'failed') report(error);
      });
    };

    this.started = start();
    this.started.catch(report);

    this.on('close', (_removed: boolean, done: () => void) => {
      const closing = this.engine?.close() ?? Promise.resolve();
      closing.then(done, (error: unknown) => {
        this.warn(toFault(error).message);
        done();
      });
    });
  }

  RED.nodes.registerType<InstanceNode, SipNodeDef, object, { password?: string }>(
    'sip-instance',
    SipInstanceNode,
    {
      credentials: { password: { type: 'password' } },
    },
  );
};
