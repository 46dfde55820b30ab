import type { CallLookup } from '../../calls';
import { type Clock, SipflowError, systemClock } from '../../common';
import type { TestAttempt } from '../attempt/attempt';
import { cut } from '../attempt/attempt-log';
import { TEST_LIMITS } from '../limits';
import type { Check, NodeName } from '../types';
import { type CallFacts, factsOf } from './call-facts';
import { holds, isKnown, numberOf, operatorOf, patternOf, rangeOf } from './operators';
import type { SoundFolders } from './recorded-audio';
import type { CheckSpec, MessageFacts } from './spec';
import { CHECK_SUBJECTS, subjectOf } from './subjects';

/** Time between two looks of checks that wait. */
const LOOK_AGAIN_MS = 50;
const MAX_CHECKS = 100;

export interface CheckOptions {
  /** Where the calls are found. */
  calls: CallLookup;
  /** A CallRef or the id of a call, whatever it is; subjects of calls are unknown when there is none. */
  call?: unknown;
  /** The message that asks for the checks; subjects of messages are unknown without it. */
  message?: MessageFacts;
  /** Who asks for them. */
  node: NodeName;
  /** The attempt that they belong to: they get its times, and stop to wait when it is over. */
  attempt?: TestAttempt | undefined;
  /** Looks again until all of them hold or this time is over; 0 when absent. */
  withinMs?: number;
  /** Stops to wait. */
  signal?: AbortSignal;
  /** Where the sounds of `recordingHas` lie. */
  folders?: SoundFolders;
  /** The system's when absent. */
  clock?: Clock;
}

/**
 * Looks whether checks hold, once or again and again. Nothing is recorded: `TestAttempt.addChecks` does that.
 *
 * @returns one result for each check, of the last look
 * @throws SipflowError (as a rejection) BAD_CONFIG for a check that cannot be made
 */
export async function runChecks(specs: readonly CheckSpec[], options: CheckOptions): Promise<Check[]> {
  if (specs.length > MAX_CHECKS) {
    throw new SipflowError(
      'BAD_CONFIG',
      `There are ${specs.length} checks; at most ${MAX_CHECKS} can be made at once.`,
      {
        field: 'checks',
      },
    );
  }
  specs.forEach(assertCheck);
  const { clock = systemClock, withinMs = 0, signal, attempt } = options;
  const until = clock.now() + withinMs;
  for (;;) {
    const checks = await look(specs, options);
    const over = signal?.aborted === true || attempt?.over === true || clock.now() >= until;
    if (over || checks.every(({ ok }) => ok)) return checks;
    await pause(clock, Math.min(LOOK_AGAIN_MS, until - clock.now()), signal);
  }
}

/**
 * Says what is wrong with a check.
 *
 * @throws SipflowError BAD_CONFIG whose `field` is `checks`
 */
export function assertCheck(spec: CheckSpec): void {
  const fault = faultOf(spec);
  if (fault !== undefined) throw new SipflowError('BAD_CONFIG', fault, { field: 'checks' });
}

function faultOf(spec: CheckSpec): string | undefined {
  const subject = subjectOf(spec.subject);
  if (!subject) {
    const names = CHECK_SUBJECTS.map(({ name }) => name).join(', ');
    return `There is nothing called "${cut(String(spec.subject))}" to check. Use one of ${names}.`;
  }
  const operator = operatorOf(spec.operator);
  if (!operator?.types.includes(subject.type)) {
    return `"${cut(String(spec.operator))}" is no comparison for ${subject.name}.`;
  }
  if (subject.named && !spec.name?.trim())
    return `The check of ${subject.name} needs a ${subject.named} by name.`;
  if (operator.values > 0 && spec.value === undefined) {
    return `The check of ${subject.name} needs a value to compare with.`;
  }
  if (spec.operator === 'matches') patternOf(spec.value);
  const isNumber = subject.type === 'number' && !['matches', 'contains'].includes(spec.operator);
  if (operator.values === 1 && isNumber && Number.isNaN(numberOf(spec.value))) {
    return `The value for ${subject.name} must be a number.`;
  }
  if (operator.values === 2 && rangeOf(spec.value).some((end) => Number.isNaN(end))) {
    return `The value for ${subject.name} must be two numbers, the least and the most, such as [100, 200].`;
  }
  return undefined;
}

async function look(specs: readonly CheckSpec[], options: CheckOptions): Promise<Check[]> {
  const { calls, call, message, node, attempt, folders } = options;
  const aboutCall = call !== undefined && specs.some(({ subject }) => subjectOf(subject)?.of === 'call');
  const facts = aboutCall ? await factsOf(calls, call, folders) : undefined;
  const found = await Promise.all(specs.map((spec) => valueOf(spec, facts, message)));
  const atMs = attempt?.elapsedMs ?? 0;
  const id = idOf(call);
  return specs.map((spec, index) => {
    const check = resultOf(spec, found[index], node, atMs);
    if (id !== undefined) check.call = id;
    return check;
  });
}

async function valueOf(
  spec: CheckSpec,
  call: CallFacts | undefined,
  message: MessageFacts | undefined,
): Promise<unknown> {
  const subject = subjectOf(spec.subject);
  if (subject?.of === 'call') return call && subject.read(call, spec);
  return subject && message && subject.read(message, spec);
}

function resultOf(spec: CheckSpec, got: unknown, node: NodeName, atMs: number): Check {
  const { subject: name, operator, value, severity = 'error' } = spec;
  const subject = subjectOf(name);
  const named = subject?.named ? `${name} ${spec.name}` : name;
  const what = spec.message ? `${named} of ${spec.message}` : named;
  return {
    node,
    atMs,
    what: cut(what),
    operator,
    wanted: operatorOf(operator)?.values === 0 ? undefined : asData(value),
    got: isKnown(got) ? asData(got) : undefined,
    ok: subject !== undefined && holds(operator, subject, got, value),
    severity,
  };
}

/** A value as a report can keep it: plain, and not large. */
function asData(value: unknown): unknown {
  if (typeof value === 'string') return cut(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof RegExp) return cut(String(value));
  try {
    const text = JSON.stringify(value) ?? '';
    return text.length > TEST_LIMITS.text ? cut(text) : (JSON.parse(text) as unknown);
  } catch {
    return 'a value that cannot be shown';
  }
}

function idOf(call: unknown): string | undefined {
  if (typeof call === 'string') return call;
  const id = typeof call === 'object' && call !== null && 'id' in call ? call.id : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** Resolves after that time, or at once when the signal aborts. */
function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
