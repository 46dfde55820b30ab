import type { CallInfo } from '../calls';
import type { CallTimes } from '../testing';
import type { LoadCall } from './outcome';

/** A call that was shorter may have had no time for the first packet of one side. */
const ONE_WAY_FROM_MS = 500;

/**
 * The figures of a call that is over.
 *
 * @param times of an outgoing call
 */
export function loadCall(info: CallInfo, times: CallTimes | undefined): LoadCall {
  const { direction, answeredAt, status, rtp, mos } = info;
  const answered = answeredAt !== null;
  const call: LoadCall = { direction, answered, ...times };
  if (status !== null && (answered || status >= 300)) call.status = status;
  if (answered) call.lengthMs = info.durationMs;
  if (!rtp) return call;
  const { sent, received } = rtp;
  const expected = received.packets + received.lost;
  if (expected > 0) {
    call.lossPercent = (100 * Math.max(0, received.lost)) / expected;
    call.jitterMs = received.jitterMs;
  }
  if (mos !== null) call.mos = mos;
  if (answered && info.durationMs >= ONE_WAY_FROM_MS && sent.packets + received.packets > 0) {
    call.oneWay = sent.packets === 0 || received.packets === 0;
  }
  return call;
}
