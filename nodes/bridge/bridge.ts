import type { NodeAPI } from 'node-red';
import type { RunningBridge } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { attempt } from '../shared/attempt';
import { controlAction } from '../shared/control';
import type { SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until, untilStarted } from '../shared/on-input';
import { sendFailure, sendFinal, sendNews } from '../shared/outputs';
import { NodeStatus } from '../shared/status';
import { bridgeFields } from './fields';

const OUTPUT = { ended: 0, failed: 1, bridged: 2 };

export = (RED: NodeAPI): void => {
  /** Joins two calls, so that both sides hear each other. */
  function BridgeNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, bridgeFields, config);
    /** By the id of either call. */
    const running = new Map<string, RunningBridge>();

    onInput(this, status, async (msg, send, signal) => {
      if (controlAction(msg) === 'stop') {
        const { id } = await fields.call(msg);
        const bridge = running.get(id);
        if (!bridge) throw notBridged();
        return bridge.stop();
      }
      const [call, peer] = [await fields.call(msg), await fields.call(msg, 'peerCall')];
      const failure = await attempt(status, signal, 'waiting', async (activity) => {
        const bridge = await untilStarted(signal, call.bridge(peer));
        for (const { id } of [call, peer]) running.set(id, bridge);
        try {
          activity.follow(call);
          sendNews(RED, send, OUTPUT.bridged, msg, {});
          msg.bridge = await until(signal, bridge.finished, () => bridge.stop());
          return undefined;
        } finally {
          for (const { id } of [call, peer]) running.delete(id);
        }
      });
      if (failure) sendFailure(send, OUTPUT.failed, msg, failure);
      else sendFinal(send, OUTPUT.ended, msg);
    });
  }

  RED.nodes.registerType('sip-bridge', BridgeNode);
};

function notBridged(): SipflowError {
  return new SipflowError(
    'CALL_STATE',
    'This node bridges no such call now, so there is nothing to stop; send msg.action only while it is busy.',
  );
}
