import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NodeAPI } from 'node-red';
import helper from 'node-red-node-test-helper';
import answer from '../../../nodes/answer/answer';
import callEvents from '../../../nodes/call-events/call-events';
import callInfo from '../../../nodes/call-info/call-info';
import conference from '../../../nodes/conference/conference';
import earlyMedia from '../../../nodes/early-media/early-media';
import dial from '../../../nodes/dial/dial';
import expectNode from '../../../nodes/expect/expect';
import hold from '../../../nodes/hold/hold';
import hangup from '../../../nodes/hangup/hangup';
import incomingCall from '../../../nodes/incoming-call/incoming-call';
import load from '../../../nodes/load/load';
import listen from '../../../nodes/listen/listen';
import makeCall from '../../../nodes/make-call/make-call';
import menu from '../../../nodes/menu/menu';
import playAudio from '../../../nodes/play-audio/play-audio';
import receiveDtmf from '../../../nodes/dtmf/receive-dtmf';
import record from '../../../nodes/record/record';
import reject from '../../../nodes/reject/reject';
import sipRequest from '../../../nodes/request/request';
import sendDtmf from '../../../nodes/dtmf/send-dtmf';
import sipInstance from '../../../nodes/sip-instance/sip-instance';
import bridge from '../../../nodes/bridge/bridge';
import testCase from '../../../nodes/test-case/test-case';
import testEnd from '../../../nodes/test-end/test-end';
import transfer from '../../../nodes/transfer/transfer';
import wait from '../../../nodes/wait/wait';
import type { CallRef } from '../../../lib/calls';
import type { FlowMessage } from '../../../nodes/shared/flow-types';
import type { PhoneNode } from '../../../nodes/shared/phone-node';
import { nodeRedEntry, requireOfNodeRed } from '../../support/node-red-path';

const coreNode = (file: string) =>
  requireOfNodeRed(`@node-red/nodes/core/${file}.js`) as (RED: unknown) => void;
const CORE = [
  ...['common/25-catch', 'common/25-status', 'common/24-complete', 'common/60-link'],
  ...['function/10-function', 'function/10-switch', 'function/15-change'],
].map(coreNode);
const coreTlsNode = coreNode('network/05-tls');

/** Node-RED's `tls-config`, without the settings for the editor, which the test helper cannot store. */
const tlsNode = (RED: NodeAPI): void => {
  const registerType = (type: string, constructor: never, { credentials }: { credentials: never }): void =>
    RED.nodes.registerType(type, constructor, { credentials });
  coreTlsNode({ ...RED, nodes: { ...RED.nodes, registerType } });
};

/** Node-RED's hooks, which the test helper leaves out of what nodes get. */
const { hooks } = requireOfNodeRed('@node-red/util') as { hooks: object };
const testCaseNode = (RED: NodeAPI): void =>
  testCase(Object.assign(Object.create(RED), { hooks }) as NodeAPI);

const REGISTER = [
  ...CORE,
  tlsNode,
  ...[sipInstance, makeCall, incomingCall, answer, reject, earlyMedia, playAudio, record],
  ...[sendDtmf, receiveDtmf, menu, hold, transfer, bridge, dial, conference, hangup, wait, listen],
  ...[callInfo, callEvents, sipRequest],
  ...[testCaseNode, expectNode, testEnd, load],
];

const PATIENCE_MS = 30000;

export interface FlowNode {
  id: string;
  type: string;
  wires?: string[][];
  [field: string]: unknown;
}

/** What the editor's deploy button restarts: everything, changed tabs, or changed nodes. */
export type DeployType = 'full' | 'flows' | 'nodes';

helper.init(nodeRedEntry);
// The helper would load these core nodes once for each that is in the flow; they are in REGISTER.
helper._nodeModules = {};

/** A tab of a flow that runs in the real runtime; nodes named `out…` collect what is wired to them. */
export class Bench {
  /** User directory of this flow; sounds are looked for here, recordings go below it. */
  readonly userDir = mkdtempSync(join(tmpdir(), 'sipflow-nodes-'));
  readonly #inboxes = new Map<string, Inbox>();
  /** What the editor shows below each node. */
  readonly #statuses = new Map<string, string>();
  readonly #remember = ({ id, status }: { id: string; status?: { text?: string } }): void => {
    this.#statuses.set(id, status?.text ?? '');
  };
  #flow: FlowNode[] = [];

  constructor() {
    helper._events.on('node-status', this.#remember);
  }

  load(...flow: FlowNode[]): Promise<this> {
    return this.loadWith({}, ...flow);
  }

  /** Like `load`, with credentials by node id, which Node-RED keeps apart from the flow. */
  async loadWith(credentials: Record<string, object>, ...flow: FlowNode[]): Promise<this> {
    helper.settings({ userDir: this.userDir });
    const tab = { id: 'tab', type: 'tab', label: 'test' };
    // Node-RED takes what has no place on a tab for a config node.
    const placed = { z: 'tab', x: 0, y: 0, wires: [] };
    const nodes = flow.map((node) => (isConfig(node) ? node : { ...placed, ...node }));
    const collectors = [...new Set(flow.flatMap((node) => (node.wires ?? []).flat()))]
      .filter((id) => !flow.some((node) => node.id === id))
      .map((id) => ({ ...placed, id, type: 'helper' }));
    this.#flow = [tab, ...nodes, ...collectors];
    await helper.load(REGISTER, this.#flow, credentials);
    this.#listen();
    return this;
  }

  /** Deploys the flow again with some of its nodes changed or left out; what has arrived at the collectors is forgotten. */
  async deploy(type: DeployType, change: (node: FlowNode) => FlowNode | undefined): Promise<void> {
    this.#flow = this.#flow.map(change).filter((node) => node !== undefined);
    const started = once(helper._events, 'flows:started');
    await helper._redNodes.setFlows(this.#flow, {}, type);
    await started;
    this.#listen();
  }

  #listen(): void {
    this.#inboxes.clear();
    for (const { id, type } of this.#flow) {
      if (type === 'helper') this.#inboxes.set(id, new Inbox(id, () => this.arrived()));
    }
  }

  /** Sends a message into a node, as a wire would. */
  send(id: string, msg: Record<string, unknown> = {}): void {
    helper.getNode(id).receive(msg);
  }

  /** The SIP port of a phone, once it is bound. */
  async portOf(phoneId: string): Promise<number> {
    const node = helper.getNode(phoneId) as PhoneNode;
    await node.started;
    return node.engine?.address?.port ?? 0;
  }

  /** The next message that arrives at a collector and has not been taken yet. */
  next(id: string, patienceMs = PATIENCE_MS): Promise<FlowMessage> {
    return this.inbox(id).next(patienceMs);
  }

  /** Waits until a node shows one of these statuses, now or soon. */
  async statusOf(id: string, texts: readonly (string | RegExp)[], patienceMs = PATIENCE_MS): Promise<void> {
    const until = performance.now() + patienceMs;
    const isOne = (shown: string): boolean =>
      texts.some((text) => (typeof text === 'string' ? text === shown : text.test(shown)));
    while (!isOne(this.#statuses.get(id) ?? '')) {
      if (performance.now() > until)
        throw new Error(
          `"${id}" shows ${this.#statuses.get(id) ?? 'nothing'} instead of ${texts.join(' or ')}`,
        );
      await delay(10);
    }
  }

  /** How many messages arrived at a collector in all. */
  count(id: string): number {
    return this.inbox(id).count;
  }

  /** Closes every node of the flow, as a deploy does; another flow may be loaded after it. */
  async unload(): Promise<void> {
    await helper.unload();
    this.#inboxes.clear();
  }

  async close(): Promise<void> {
    await this.unload();
    helper._events.off('node-status', this.#remember);
    rmSync(this.userDir, { recursive: true, force: true });
  }

  /** The last message at each collector, without the handles that are no plain data. */
  private arrived(): string {
    const plain = (key: string, value: unknown) => (key === 'req' || key === 'res' ? undefined : value);
    const heard = [...this.#inboxes].filter(([, { latest }]) => latest);
    const texts = heard.map(([id, { latest }]) => `${id}: ${JSON.stringify(latest, plain).slice(0, 300)}`);
    return texts.join('; ') || 'nothing anywhere';
  }

  private inbox(id: string): Inbox {
    const inbox = this.#inboxes.get(id);
    if (!inbox) throw new Error(`nothing is wired to "${id}" in this flow`);
    return inbox;
  }
}

/** A simulated phone. */
export function phone(dn: string, fields: Record<string, unknown> = {}): FlowNode {
  return { id: `phone${dn}`, type: 'sip-instance', name: `Phone ${dn}`, mode: 'simulation', dn, ...fields };
}

/** Catches what any node of the tab raises. */
export const catchAll: FlowNode = {
  id: 'catch-all',
  type: 'catch',
  scope: null,
  uncaught: false,
  wires: [['errors']],
};

/** What a Catch node says about an error. */
export function errorOf(msg: FlowMessage): { code?: string; message: string; source: { id: string } } {
  return msg.error as { code?: string; message: string; source: { id: string } };
}

export function callOf(msg: FlowMessage): CallRef {
  return msg.call as CallRef;
}

function isConfig(node: FlowNode): boolean {
  return ['sip-instance', 'tls-config', 'tab', 'subflow'].includes(node.type);
}

/** Messages in order of arrival. */
class Inbox {
  readonly #waiting: ((msg: FlowMessage) => void)[] = [];
  readonly #messages: FlowMessage[] = [];
  count = 0;
  latest: FlowMessage | undefined;

  /** @param elsewhere tells what arrived in the whole flow, for the message of a failed test. */
  constructor(
    private readonly id: string,
    private readonly elsewhere: () => string,
  ) {
    helper.getNode(id).on('input', (msg) => {
      this.count += 1;
      this.latest = msg;
      const waiter = this.#waiting.shift();
      if (waiter) waiter(msg);
      else this.#messages.push(msg);
    });
  }

  next(patienceMs: number): Promise<FlowMessage> {
    const message = this.#messages.shift();
    if (message) return Promise.resolve(message);
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`nothing arrived at "${this.id}", but ${this.elsewhere()}`));
      const timer = setTimeout(fail, patienceMs);
      this.#waiting.push((msg) => {
        clearTimeout(timer);
        resolve(msg);
      });
    });
  }
}
