import { Bench, callOf, catchAll, phone, type FlowNode } from './bench';
import type { CallRef } from '../../../lib/calls';

/** Two phones of which 1001 calls and 1002 answers, and the nodes under test beside them. */
export interface Standing {
  bench: Bench;
  /** The call as each side sees it. */
  caller: CallRef;
  callee: CallRef;
}

/**
 * Loads `extra` beside two phones and brings a call up between them. Errors arrive at the collector
 * `errors`.
 */
export async function answeredCall(bench: Bench, ...extra: FlowNode[]): Promise<Standing> {
  await bench.load(
    phone('1001'),
    phone('1002'),
    { id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002', wires: [['dialled']] },
    { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
    { id: 'pick', type: 'sip-answer', wires: [['picked']] },
    catchAll,
    ...extra,
  );
  bench.send('dial');
  const caller = callOf(await bench.next('dialled'));
  const callee = callOf(await bench.next('picked'));
  return { bench, caller, callee };
}

/** Loads `extra` and brings a call to where phone 1002 rings, unanswered. */
export async function ringingCall(bench: Bench, ...extra: FlowNode[]): Promise<Standing> {
  await bench.load(
    phone('1001'),
    phone('1002', { mediaTimeout: '0.3' }),
    {
      id: 'dial',
      type: 'sip-make-call',
      instance: 'phone1001',
      target: '1002',
      wires: [['dialled'], ['progress'], ['unanswered']],
    },
    { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['ringing']] },
    catchAll,
    ...extra,
  );
  bench.send('dial');
  const callee = callOf(await bench.next('ringing'));
  const caller = callOf(await bench.next('progress'));
  return { bench, caller, callee };
}
