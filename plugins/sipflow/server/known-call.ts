import type { Call, CallInfo, Tombstone } from '../../../lib/calls';
import { SipflowError } from '../../../lib/common';
import { world } from '../../../nodes';

/** A call that is remembered, whether it runs or not. */
export interface KnownCall {
  call: Call | Tombstone;
  /** While it runs. */
  live?: Call;
  info: () => Promise<CallInfo> | CallInfo;
}

/**
 * The call with an id of ours or with a SIP Call-ID, and the others that have a Call-ID of its: a call between two phones
 * of this Node-RED has two sides, and after a transfer more. By a Call-ID it is the side that made the call.
 *
 * @throws SipflowError CALL_UNKNOWN
 */
export function callsOf(reference: string): [KnownCall, ...KnownCall[]] {
  const wanted = reference.trim();
  const all = everyCall();
  const sides = all.filter(({ call }) => call.callIds.includes(wanted));
  const first =
    all.find(({ call }) => call.ref.id === wanted) ??
    sides.find(({ call }) => call.ref.direction === 'out') ??
    sides.at(0);
  if (!first) throw unknown(wanted);
  const { callIds } = first.call;
  const others = all.filter((each) => each !== first && each.call.callIds.some((id) => callIds.includes(id)));
  return [first, ...others];
}

function everyCall(): KnownCall[] {
  const { ended, running } = world.calls;
  return [
    ...ended.map((tombstone): KnownCall => ({ call: tombstone, info: () => tombstone.info })),
    ...running.map((call): KnownCall => ({ call, live: call, info: () => call.info() })),
  ];
}

function unknown(reference: string): SipflowError {
  return new SipflowError(
    'CALL_UNKNOWN',
    `There is no call "${reference.slice(0, 80)}"; an ended one is remembered for five minutes, and 1,000 of them at most.`,
    { field: 'call' },
  );
}
