import type { CodecName } from '../../audio';
import { DEFAULTS } from '../../common';
import { codecPreference, preflight } from '../../sdp';
import { randomToken, type CallerIdentity } from '../../sip';
import type { CallContext } from '../call-context';
import { callerIdentity, fromOf } from '../target/caller';
import type { CallRoute } from '../target/route';
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

/** What a call has of the one on whose behalf it is made. */
export interface OnBehalf {
  /** Instead of the caller that the options name. */
  caller?: CallerIdentity;
  maxForwards: number;
  /** Codecs of the other side of that call, which are offered first: audio in them needs no transcoding. */
  codecs: readonly CodecName[];
}

/**
 * Reads the options of a call, as far as they can be wrong.
 *
 * @param from our URI
 * @param wanted codecs that are offered first
 * @throws SipflowError BAD_TARGET for the target, BAD_CONFIG for the codecs, the limit, the caller or the retries
 */
export function readDialOptions(
  options: DialOptions,
  context: CallContext,
  from: string,
  wanted?: readonly CodecName[],
): {
  codecs: readonly CodecName[];
  route: CallRoute;
  caller: CallerIdentity | undefined;
  retries: Retries | undefined;
} {
  const { phone } = context;
  assertMaxCallDuration(options.maxCallDuration);
  const named = options.codecs?.length ? options.codecs : undefined;
  const usual = codecPreference(named ?? phone.codecs, {
    pcmuFallback: phone.mode === 'network' && !named && phone.pcmuFallback,
  });
  const route = context.route(options.target);
  const caller = callerIdentity(options, from);
  const retries = Retries.of(options);
  return { codecs: named ? usual : preferring(usual, wanted), route, caller, retries };
}

/**
 * Makes a call from the options of a flow. In simulation mode the other phone and its codecs are known beforehand, so
 * a hopeless INVITE is explained instead of sent (pitfall 3).
 *
 * @param from our URI
 * @param onBehalf present when it is made for another call
 * @throws SipflowError as `readDialOptions`
 */
export function prepareCall(
  options: DialOptions,
  context: CallContext,
  from: string,
  onBehalf?: OnBehalf,
): PreparedCall {
  const { codecs, route, caller: named, retries } = readDialOptions(options, context, from, onBehalf?.codecs);
  const { uri, phone: called, unknown } = route;
  const caller = onBehalf ? onBehalf.caller : named;
  const call = new PlacedCall(
    context,
    { direction: 'out', callId: randomToken(), from: fromOf(caller) ?? from, to: uri },
    {
      target: uri,
      dialled: options.target,
      retries,
      codecs,
      ringTimeout: options.ringTimeout ?? DEFAULTS.ringTimeout,
      followRedirects: options.followRedirects ?? false,
      lateOffer: options.lateOffer ?? false,
      maxCallDuration: options.maxCallDuration,
      headers: options.headers,
      caller,
      maxForwards: onBehalf?.maxForwards,
      destination: called?.address,
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

/** The same codecs, those first that are wanted. */
function preferring(codecs: readonly CodecName[], wanted?: readonly CodecName[]): readonly CodecName[] {
  if (wanted === undefined) return codecs;
  const first = wanted.filter((name) => codecs.includes(name));
  return [...new Set([...first, ...codecs])];
}
