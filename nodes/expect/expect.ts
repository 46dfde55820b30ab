import type { NodeAPI } from 'node-red';
import { failureText, runChecks, type CheckOptions } from '../../lib/testing';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { nameOf } from '../shared/node-name';
import { onInput, until } from '../shared/on-input';
import { sendFinal } from '../shared/outputs';
import { NodeStatus } from '../shared/status';
import { foundText } from '../shared/status-text';
import { attemptOf, noteEnd } from '../shared/test-steps';
import { world } from '../shared/world';
import { expectFields } from './fields';
import { soundFolders, isAboutCall, specsOf } from './specs';

const OUTPUT = { passed: 0, failed: 1 };

export = (RED: NodeAPI): void => {
  /** Checks a call or a message. */
  function ExpectNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, expectFields, config);

    const evaluator = (msg: FlowMessage) => (expression: string) =>
      new Promise<unknown>((resolve, reject) => {
        const prepared = RED.util.prepareJSONataExpression(expression, this);
        RED.util.evaluateJSONataExpression(prepared, msg, (error, value: unknown) =>
          error ? reject(error) : resolve(value),
        );
      });

    onInput(this, status, async (msg, send, signal) => {
      const stored = fields.checks('checks');
      const withinMs = fields.plainNumber('within') * 1000;
      const call = await fields.callIfAny(msg, 'call', { required: stored.some(isAboutCall) });
      const specs = await specsOf(RED, this, stored, msg);
      const attempt = attemptOf(msg);
      const activity = status.begin('waiting');
      const options: CheckOptions = {
        ...{ calls: world.calls, call, node: nameOf(this), attempt, withinMs, signal },
        message: { msg, evaluate: evaluator(msg) },
        folders: soundFolders(RED, call),
      };
      const checks = await until(signal, runChecks(specs, options)).finally(() => activity.end());
      const failed = checks.find(({ ok, severity }) => !ok && severity === 'error');
      if (failed) status.rest('failed', foundText(failed.what, failed.got));
      else status.rest('passed');
      if (attempt?.addChecks(checks, { stop: fields.flag('stop') }) === 'stopped') {
        if (failed) noteEnd(msg, 'failed');
        return;
      }
      if (failed) msg.failure = { code: 'CHECK_FAILED', message: failureText(failed) };
      sendFinal(send, failed ? OUTPUT.failed : OUTPUT.passed, msg);
    });
  }

  RED.nodes.registerType('sip-expect', ExpectNode);
};
