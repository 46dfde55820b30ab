import type { CallRef, DialOptions, OutgoingCall, Phone } from '../../lib/calls';
import { processTests, type OpenStep, type TestAttempt } from '../../lib/testing';
import { TABLES } from '../tables';
import type { FlowMessage, Send, SipNode } from './flow-types';
import { nameOf } from './node-name';
import { isTesting } from './test-errors';

/** What a message of a test does in a node. */
interface Visit {
  node: SipNode;
  /** `CallRef.id` */
  call?: string;
  /** Absent while it is not known to belong to a test. */
  step?: OpenStep | undefined;
  /** By which output it left last, and with what. */
  output?: number;
  detail?: string | undefined;
  /** What the node says about the outcome. */
  said?: string;
  /** What came of a message that goes nowhere. */
  end?: string;
}

const visits = new WeakMap<FlowMessage, Visit>();

/** A message that is in a node now. */
export interface Entered {
  /** Notes by which output the message leaves. */
  send: Send;
  /** Aborts when the attempt of the message is over. */
  over?: AbortSignal;
}

/** The attempt that a message belongs to, by its `msg.test`. */
export function attemptOf({ test }: FlowMessage): TestAttempt | undefined {
  return test === undefined ? undefined : processTests.attemptOf({ test });
}

/** `msg` has come into `node`. Outside of tests this costs nothing. */
export function enter(node: SipNode, msg: FlowMessage, send: Send): Entered {
  const attempt = attemptOf(msg);
  if (!attempt && !isTesting()) return { send };
  const visit: Visit = { node, step: attempt?.beginStep(nameOf(node)) };
  visits.set(msg, visit);
  const noting: Send = (sent) => {
    const output = Array.isArray(sent) ? sent.findLastIndex((each) => each !== null) : 0;
    const leaving = Array.isArray(sent) ? sent[output] : sent;
    // A copy that leaves before the message itself is an interim report.
    if (leaving === msg || visit.output === undefined) {
      visit.output = output;
      visit.detail = failureOf(leaving) ?? visit.said;
    }
    send(sent);
  };
  return { send: noting, ...(attempt ? { over: attempt.signal } : {}) };
}

/** The handler is through with `msg`; `error` is what it threw. */
export function leaveWith(msg: FlowMessage, error?: Error & { code?: string }): void {
  const visit = visits.get(msg);
  visits.delete(msg);
  if (!visit?.step) return;
  const { node, call, output, end = 'done', detail = error?.message } = visit;
  visit.step.finish({
    outcome: error ? (error.code ?? 'INTERNAL') : output === undefined ? end : outputName(node, output),
    ...(output === undefined || error ? {} : { output }),
    ...(detail === undefined ? {} : { detail }),
    ...(call === undefined ? {} : { call }),
  });
}

/** Says more about what becomes of `msg`, in the step of its test. Before it leaves. */
export function noteDetail(msg: FlowMessage, detail: string): void {
  const visit = visits.get(msg);
  if (visit) visit.said = detail;
}

/** Says what came of `msg`, which goes nowhere, in the step of its test. */
export function noteEnd(msg: FlowMessage, end: string): void {
  const visit = visits.get(msg);
  if (visit) visit.end = end;
}

/** `msg` is about this call: a message that says of no attempt belongs to that of the call. */
export function aboutCall(msg: FlowMessage, ref: CallRef): void {
  const visit = visits.get(msg);
  if (!visit) return;
  visit.call ??= ref.id;
  if (msg.test !== undefined || visit.step) return;
  const attempt = processTests.attemptOf({ call: ref });
  if (!attempt || attempt.over) return;
  msg.test = attempt.ref;
  visit.step = attempt.beginStep(nameOf(visit.node), ref.id);
}

/** A call has come in at `node`, which starts `msg`: it belongs to the attempt of the call. */
export function arrive(node: SipNode, msg: FlowMessage, ref: CallRef): void {
  const attempt = processTests.attemptOf({ call: ref });
  if (!attempt || attempt.over) return;
  msg.test = attempt.ref;
  attempt.beginStep(nameOf(node), ref.id).finish({ outcome: outputName(node, 0), output: 0 });
}

/** Options of calls that somebody else dials for a message: with the mark of its attempt, so that they are known by it. */
export function marked<O extends Pick<DialOptions, 'headers'>>(msg: FlowMessage, options: O): O {
  const { headers } = attemptOf(msg) ?? {};
  return headers ? { ...options, headers: { ...options.headers, ...headers } } : options;
}

/** Dials for a message; the call belongs to its attempt. Throws and rejects as `phone.dial`. */
export function dialFor(msg: FlowMessage, phone: Phone, options: DialOptions): Promise<OutgoingCall> {
  return attemptOf(msg)?.dial(phone, options) ?? phone.dial(options);
}

function outputName({ type, outputNames }: SipNode, output: number): string {
  return (outputNames ?? TABLES.get(type)?.outputs)?.[output] ?? `output ${output + 1}`;
}

function failureOf(msg: FlowMessage | null | undefined): string | undefined {
  const failure = msg?.failure;
  if (typeof failure !== 'object' || failure === null || !('message' in failure)) return undefined;
  return typeof failure.message === 'string' ? failure.message : undefined;
}
