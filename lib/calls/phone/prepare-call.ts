import { DEFAULTS } from '../../common';
import { codecPreference, preflight } from '../../sdp';
import { randomToken } from '../../sip';
import type { CallContext } from '../call-context';
import { callerIdentity, fromOf } from '../target/caller';
import { assertMaxCallDuration } from '../duration-limit';
import { Retries } from '../peer/retries';
import { PlacedCall } from '../outgoing-call';
import type { DialOptions } from '../types';

/** A call that is known and not begun yet. */
export interface PreparedCall {
  call: PlacedCall;
  /** Response of a network to an INVITE that would be in vain. */
  refusal?: { status: number; reason: string; diagnosis: string };
}

/**
 * Makes a call from the options of a flow. In simulation mode the other phone and its codecs are known beforehand, so
 * a hopeless INVITE is explained instead of sent (pitfall 3).
 *
 * @param from our URI
 * @throws SipflowError BAD_TARGET for the target, BAD_CONFIG for the codecs, the limit, the caller or the retries
 */
export function prepareCall(options: DialOptions, context: CallContext, from: string): PreparedCall {
  const { phone } = context;
  assertMaxCallDuration(options.maxCallDuration);
  const named = options.codecs?.length ? options.codecs : undefined;
  const codecs = codecPreference(named ?? phone.codecs, {
    pcmuFallback: phone.mode === 'network' && !named && phone.pcmuFallback,
  });
  const { uri, phone: called, unknown } = context.route(options.target);
  const caller = callerIdentity(options, from);
  const retries = Retries.of(options);
  const call = new PlacedCall(
    context,
    { callId: randomToken(), from: fromOf(caller) ?? from, to: uri },
    {
      target: uri,
      dialled: options.target,
      ...(retries ? { retries } : {}),
      codecs,
      ringTimeout: options.ringTimeout ?? DEFAULTS.ringTimeout,
      followRedirects: options.followRedirects ?? false,
      lateOffer: options.lateOffer ?? false,
      ...(options.maxCallDuration === undefined ? {} : { maxCallDuration: options.maxCallDuration }),
      ...(options.headers ? { headers: options.headers } : {}),
      ...(caller ? { caller } : {}),
      ...(called ? { destination: called.address } : {}),
    },
  );
  if (unknown !== undefined) {
    const diagnosis = `No simulated phone has the number ${unknown}.`;
    return { call, refusal: { status: 404, reason: 'Not Found', diagnosis } };
  }
  const check = called && preflight(codecs, called.codecs, { answerer: `phone ${called.dn}` });
  if (check?.diagnosis === undefined) return { call };
  return { call, refusal: { status: 488, reason: 'Not Acceptable Here', diagnosis: check.diagnosis } };
}
