import { homedir } from 'node:os';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import { createInstance } from '../../lib/calls';
import { toSipflowError } from '../../lib/common/errors';
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
    // The nodes that use this instance, through which Catch and Status nodes hear of it, are made after it.
    const flowsStarted = new Promise<void>((resolve) => afterFlowsStarted(RED, resolve));
    const report = async (error: unknown): Promise<void> => {
      await flowsStarted;
      status.failed();
      this.error(toSipflowError(error), {});
    };

    const start = async (): Promise<void> => {
      const userDir = RED.settings.userDir ?? join(homedir(), '.node-red');
      const engine = createInstance(toInstanceOptions(config, userDir, this.credentials?.password));
      this.engine = engine;
      await engine.start();
      void flowsStarted.then(() => status.rest('ready'));
      engine.on('calls', (count) => (count === 0 ? status.rest('ready') : status.rest('inCall', count)));
      engine.on('state', (state, error) => {
        if (state === 'failed') void report(error);
      });
    };

    this.started = start();
    this.started.catch(report);

    this.on('close', (_removed: boolean, done: () => void) => {
      const closing = this.engine?.close() ?? Promise.resolve();
      closing.then(done, (error: unknown) => {
        this.warn(toSipflowError(error).message);
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
