import type { Verdict } from '../../../lib/testing';
import type { Bench, FlowNode } from './bench';
import { phone } from './bench';

/** Phone 1002 answers whoever calls. */
export const answering: FlowNode[] = [
  { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
  { id: 'pick', type: 'sip-answer', wires: [['picked'], ['unpicked']] },
];

/** A test case with its collectors `verdict` and `done`; the attempt begins at `first`. */
export function testCase(first: string, fields: Record<string, unknown> = {}): FlowNode {
  return {
    id: 'case',
    type: 'sip-test-case',
    title: 'A call',
    wires: [[first], ['verdict'], ['done']],
    ...fields,
  };
}

/** Phone 1001 calls; answered goes to `next`. */
export function dial(next: string, fields: Record<string, unknown> = {}): FlowNode {
  return {
    ...{ id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002' },
    wires: [[next], ['progress'], ['unanswered']],
    ...fields,
  };
}

/** A check as flows store it. */
export function check(
  subject: string,
  operator: string,
  value?: string,
  valueType = 'str',
  more = {},
): object {
  return {
    subject,
    operator,
    ...(value === undefined ? {} : { value, valueType }),
    severity: 'error',
    ...more,
  };
}

export function expecting(checks: object[], next: string, fields: Record<string, unknown> = {}): FlowNode {
  return { id: 'expect', type: 'sip-expect', checks, wires: [[next], ['unexpected']], ...fields };
}

export const hangUp: FlowNode = { id: 'hang', type: 'sip-hangup', wires: [['end']] };
export const end: FlowNode = { id: 'end', type: 'sip-test-end' };
export const phones: FlowNode[] = [phone('1001'), phone('1002')];

/** Starts the case and waits for its next verdict. */
export async function verdictOf(bench: Bench, msg: Record<string, unknown> = {}): Promise<Verdict> {
  bench.send('case', msg);
  return (await bench.next('verdict')).verdict as Verdict;
}
