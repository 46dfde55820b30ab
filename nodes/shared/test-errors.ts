import { EventEmitter } from 'node:events';
import type { Node, NodeAPI } from 'node-red';
import { processTests, type TestAttempt } from '../../lib/testing';
import type { FlowMessage, SipNode } from './flow-types';
import { nameOf } from './node-name';
import type { PhoneNode } from './phone-node';
import { tabOf } from './tab';

/** Level of errors in Node-RED's log. */
const ERROR = 20;
const LABEL = 'sipflow-tests';

/** The hooks of Node-RED's runtime that the tests use; its types do not have them. */
interface Hooks {
  add(name: string, handler: (event: never) => void): void;
  remove(name: string): void;
}
interface Received {
  msg: FlowMessage;
  destination: { node: Node };
}
interface Completed {
  msg: FlowMessage;
  error?: unknown;
  node: { node: Node };
}
/** Entry of the log; an error that a Catch node takes makes none. */
interface LogEntry {
  level: number;
  id?: string;
  type?: string;
  name?: string;
  msg: unknown;
  /** `error` when Node-RED's debug node, which sees the entry before us, has put JSON in place of the error. */
  format?: string;
}

let watches = 0;
let stop: (() => void) | undefined;

/** Whether a test case is running in this process. */
export function isTesting(): boolean {
  return watches > 0;
}

/**
 * Tells attempts of errors that no Catch node took, of whichever node, until the returned function is called. Node-RED logs
 * an error exactly when nobody takes it. The message that it is about is the one that the node has completed with it or,
 * for `node.error()` in the middle, the one that the node received last. An error without any message, as of a phone that
 * loses its registration, is one of all attempts that have the phone, or whose case stands on the tab of the node.
 */
export function watchErrors(RED: NodeAPI): () => void {
  if (watches++ === 0) stop = watch(RED);
  let watching = true;
  return () => {
    if (!watching) return;
    watching = false;
    if (--watches === 0) stop?.();
  };
}

function watch(RED: NodeAPI): () => void {
  const { hooks, log } = RED as unknown as {
    hooks: Hooks;
    log: { addHandler(handler: EventEmitter): void; removeHandler(handler: EventEmitter): void };
  };
  /** By node id: the attempt of the message that it received last; undefined when that had none. */
  const received = new Map<string, unknown>();
  let completing: { id: string; test: unknown } | undefined;

  hooks.add(`onReceive.${LABEL}`, ({ msg, destination: { node } }: Received) => {
    received.set(node.id, msg.test);
  });
  hooks.add(`onComplete.${LABEL}`, ({ msg, error, node: { node } }: Completed) => {
    // Node-RED hands the error to Catch nodes, or logs it, in this very turn.
    completing = error ? { id: node.id, test: msg.test } : undefined;
    queueMicrotask(() => (completing = undefined));
  });
  const handler = new EventEmitter().on('log', ({ level, id, type = '', name, msg, format }: LogEntry) => {
    if (level !== ERROR || id === undefined) return;
    const isAboutMessage = completing?.id === id || received.has(id);
    const test = completing?.id === id ? completing.test : received.get(id);
    const attempts = isAboutMessage ? [processTests.attemptOf({ test })] : bystanders(RED, id);
    for (const attempt of attempts) attempt?.uncaught(errorIn(msg, format), nameOf({ id, name, type }));
  });
  log.addHandler(handler);
  return () => {
    hooks.remove(`*.${LABEL}`);
    log.removeHandler(handler);
  };
}

/** The error of a log entry, with its code. */
function errorIn(msg: unknown, format: string | undefined): unknown {
  if (format !== 'error' || typeof msg !== 'string') return msg;
  try {
    const { data } = JSON.parse(msg) as { data?: { message?: unknown; code?: unknown } };
    return typeof data?.message === 'string'
      ? Object.assign(new Error(data.message), { code: data.code })
      : msg;
  } catch {
    return msg;
  }
}

/** The attempts that an error without a message is about, by the node that raised it. */
function bystanders({ nodes }: NodeAPI, id: string): TestAttempt[] {
  const node = nodes.getNode(id) as SipNode | PhoneNode | null;
  if (!node) return [];
  if (node.type === 'sip-instance') {
    const { engine } = node as PhoneNode;
    return engine ? processTests.running(engine) : [];
  }
  const tab = tabOf(node);
  return processTests.running().filter(({ testCase }) => {
    const start = nodes.getNode(testCase.node.id) as SipNode | null;
    return start !== null && tabOf(start) === tab;
  });
}
