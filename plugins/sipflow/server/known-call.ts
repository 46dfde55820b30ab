import type {
  Call,
  CallCapture,
  CallInfo,
  CallRecording,
  CallRef,
  DigitEvent,
  TracedMessage,
} from '../../../lib/calls';
import { SipflowError } from '../../../lib/common';
import { world } from '../../../nodes';

/** A call that is remembered, whether it runs or not. */
export interface KnownCall {
  ref: CallRef;
  /** While it runs. */
  live?: Call;
  info(): Promise<CallInfo> | CallInfo;
  trace(): TracedMessage[];
  capture(): Promise<CallCapture>;
  recordings: readonly CallRecording[];
  digits: readonly DigitEvent[];
}

/**
 * The call with an id of ours or with a SIP Call-ID, and the others that have its Call-ID: a call between two phones of
 * this Node-RED has two sides. By its Call-ID it is the side that made the call.
 *
 * @throws SipflowError CALL_UNKNOWN
 */
export function callsOf(reference: string): [KnownCall, ...KnownCall[]] {
  const wanted = reference.trim();
  const all = everyCall();
  const sides = all.filter(({ ref }) => ref.callId === wanted);
  const first =
    all.find(({ ref }) => ref.id === wanted) ??
    sides.find(({ ref }) => ref.direction === 'out') ??
    sides.at(0);
  if (!first) throw unknown(wanted);
  const others = all.filter(({ ref }) => ref.callId === first.ref.callId && ref.id !== first.ref.id);
  return [first, ...others];
}

function everyCall(): KnownCall[] {
  const { ended, running } = world.calls;
  return [
    ...ended.map((tombstone): KnownCall => ({
      ref: tombstone.ref,
      info: () => tombstone.info,
      trace: () => tombstone.trace(),
      capture: () => tombstone.capture(),
      recordings: tombstone.recordings,
      digits: tombstone.receivedDigits,
    })),
    ...running.map((call): KnownCall => ({
      ref: call.ref,
      live: call,
      info: () => call.info(),
      trace: () => call.trace(),
      capture: () => call.capture(),
      recordings: call.recordings,
      digits: call.receivedDigits,
    })),
  ];
}

function unknown(reference: string): SipflowError {
  return new SipflowError(
    'CALL_UNKNOWN',
    `There is no call "${reference.slice(0, 80)}"; an ended one is remembered for five minutes, and 1,000 of them at most.`,
    { field: 'call' },
  );
}
