import type { CodecName } from '../../audio';
import type { BaseCall } from '../call';
import type { PlacedCall } from '../outgoing-call';
import type { RunningBridge } from '../types';
import type { FirstCall } from './first-call';

/** The codec of a call, once it has media. */
export async function codecOf(call: BaseCall): Promise<CodecName> {
  const { session } = await call.bridgeSide();
  return session.parameters.codec.name;
}

/**
 * Answers the first call and joins it with the target that has answered. The audio does not wait for the ACK of the first
 * call; the result does.
 *
 * @param early their bridge, when the target is heard already
 * @throws SipflowError CALL_ENDED, TIMEOUT without an ACK, NO_COMMON_CODEC and others, as `answer` and `bridge`
 */
export async function join(
  first: FirstCall,
  call: PlacedCall,
  early: RunningBridge | undefined,
): Promise<RunningBridge> {
  const codec = await codecOf(call);
  const [answered, joined] = await Promise.allSettled([
    first.answer(codec),
    early ?? first.call.bridge(call),
  ]);
  if (answered.status === 'rejected') {
    if (joined.status === 'fulfilled') joined.value.stop();
    throw asError(answered.reason);
  }
  if (joined.status === 'rejected') throw asError(joined.reason);
  return joined.value;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
