import type { Clock } from '../../common';
import type { MediaSession } from '../../media';
import type { BridgeReport, Call, DigitEvent, RunningBridge } from '../types';

/** One of the two calls of a bridge. */
export interface BridgeSide {
  readonly call: Call;
  readonly session: MediaSession;
  /** How digits leave on this side. */
  readonly dtmfMethod: DigitEvent['method'];
}

/**
 * Joins the audio of two calls until it is stopped or one of them ends. Digits by RFC 4733 and INFO are no audio:
 * they are sent again on the other side, by the method of that side.
 */
export function bridgeCalls(near: BridgeSide, far: BridgeSide, clock: Clock): RunningBridge {
  const bridge = near.session.bridge(far.session);
  const began = clock.now();
  let endedBy: BridgeReport['endedBy'];
  const listeners = [
    near.call.on('ended', () => (endedBy ??= 'call')),
    far.call.on('ended', () => (endedBy ??= 'peer')),
    relay(near, far),
    relay(far, near),
  ];
  const finished = bridge.finished.then((reason): BridgeReport => {
    for (const stop of listeners) stop();
    const durationMs = Math.round(clock.now() - began);
    if (reason === 'stopped') return { reason: 'stopped', durationMs };
    return { reason: 'hangup', endedBy: endedBy ?? overFirst(near, far), durationMs };
  });
  return { finished, stop: () => bridge.stop() };
}

/** The media closes before the call says that it has ended. */
function overFirst(near: BridgeSide, far: BridgeSide): BridgeReport['endedBy'] {
  if (isOver(near.call)) return 'call';
  return isOver(far.call) ? 'peer' : 'call';
}

function isOver({ state }: Call): boolean {
  return state === 'ending' || state === 'ended';
}

function relay(from: BridgeSide, to: BridgeSide): () => void {
  return from.call.on('digit', ({ digit, method, durationMs }) => {
    // A tone is heard on the other side already.
    if (method === 'inband') return;
    // Errors are dropped: a digit that cannot be passed on (the other call ends) has no caller to report to.
    to.call.sendDigits({ digits: digit, toneMs: Math.max(durationMs, 40) }).catch(() => undefined);
  });
}
