import { SipflowError } from '../../common';
import type { BaseCall } from '../call';
import type { CallContext } from '../call-context';
import type { PlacedCall } from '../outgoing-call';
import { readDialOptions, type OnBehalf } from '../phone/prepare-call';
import type { DialOptions, DialThrough, DialThroughOptions } from '../types';
import { carriedCaller, codecsOf, hopsLeft } from './carried';
import { FirstCall } from './first-call';
import { TargetCalls } from './target-calls';

/** Targets of one dial-through. */
const MAX_TARGETS = 16;

/**
 * Begins a dial-through. Whatever is wrong with the options is thrown before anything is sent.
 *
 * @param place calls one target
 * @throws SipflowError BAD_TARGET, BAD_CONFIG, CALL_STATE
 */
export function dialThrough(
  context: CallContext,
  place: (options: DialOptions, onBehalf: OnBehalf) => Promise<PlacedCall>,
  call: BaseCall,
  options: DialThroughOptions,
): DialThrough {
  const targets = checkedTargets(options, context);
  const first = new FirstCall(call);
  const { invite } = first;
  const caller = carriedCaller(options, invite, context.ownUri);
  const onBehalf: OnBehalf = {
    ...(caller ? { caller } : {}),
    maxForwards: hopsLeft(invite),
    codecs: codecsOf(call.sdp),
  };
  const calls = new TargetCalls(
    { clock: context.clock, place: (target) => place({ ...options, target }, onBehalf) },
    first,
    { ...options, targets },
  );
  if (onBehalf.maxForwards < 0) calls.refuse();
  else calls.start();
  return calls;
}

/** The targets, when all options are right; of those that are called at once each only once. */
function checkedTargets(options: DialThroughOptions, context: CallContext): string[] {
  const { targets, order } = options;
  if (targets.length === 0 || targets.length > MAX_TARGETS) {
    throw new SipflowError(
      'BAD_TARGET',
      `There must be 1 to ${MAX_TARGETS} targets; there are ${targets.length}.`,
      { field: 'targets' },
    );
  }
  const uris = targets.map(
    (target) => readDialOptions({ ...options, target }, context, context.ownUri).route.uri,
  );
  return targets.filter((_, index) => order === 'sequential' || uris.indexOf(uris[index]) === index);
}
