import type { NodeAPI } from 'node-red';
import { SipflowError } from '../../lib/common';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { nameOf } from '../shared/node-name';
import { onInput } from '../shared/on-input';
import { NodeStatus } from '../shared/status';
import { StoredFields } from '../shared/stored-fields';
import { attemptOf } from '../shared/test-steps';
import { testEndFields } from './fields';

export = (RED: NodeAPI): void => {
  /** Ends the attempt that a message belongs to. */
  function TestEndNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new StoredFields(testEndFields, config);

    onInput(this, status, (msg) => {
      const result = fields.choice('result');
      const reason = fields.plainText('reason');
      const attempt = attemptOf(msg);
      if (!attempt) throw noTest();
      const first = attempt.end({ result, node: nameOf(this), ...(reason === '' ? {} : { reason }) });
      if (!first) this.warn(`This attempt of "${attempt.ref.title}" had ended before: its first end counts.`);
      return Promise.resolve();
    });
  }

  RED.nodes.registerType('sip-test-end', TestEndNode);
};

function noTest(): SipflowError {
  return new SipflowError(
    'BAD_CONFIG',
    'The message belongs to no test: a test case node, or an incoming call of a test, has to stand before this node, and msg.test must stay on the message.',
  );
}
