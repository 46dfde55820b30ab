import type { MediaSession, MediaStatistics } from '../../media';
import type { Headers } from '../../sip';
import { chooseDtmfMethod } from '../digits/method';
import type { CallInfo, CallState, DtmfMethod, EndedBy } from '../types';

/** Recorded facts of a call; times in milliseconds since the epoch. */
export interface CallFacts {
  direction: 'in' | 'out';
  startedAt: number;
  answeredAt?: number;
  endedAt?: number;
  endedBy?: EndedBy;
  status?: number;
  reason?: string | undefined;
  headers: Headers;
}

/** Builds `msg.callInfo` from a call's facts and the figures of its media. */
export function callInfo(
  facts: CallFacts,
  state: CallState,
  session: MediaSession | undefined,
  statistics: MediaStatistics | undefined,
  context: { phoneMethod: DtmfMethod; now: number },
): CallInfo {
  return {
    state,
    direction: facts.direction,
    codec: session?.parameters.codec.name ?? null,
    dtmfMethod: session ? effectiveMethod(context.phoneMethod, session) : null,
    srtp: session?.parameters.srtp !== undefined,
    startedAt: isoTime(facts.startedAt),
    answeredAt: facts.answeredAt === undefined ? null : isoTime(facts.answeredAt),
    endedAt: facts.endedAt === undefined ? null : isoTime(facts.endedAt),
    durationMs:
      facts.answeredAt === undefined ? 0 : Math.round((facts.endedAt ?? context.now) - facts.answeredAt),
    endedBy: facts.endedBy ?? null,
    status: facts.status ?? null,
    reason: facts.reason ?? null,
    headers: facts.headers,
    rtp: statistics ?? null,
    mos: statistics?.mos ?? null,
  };
}

function effectiveMethod(requested: DtmfMethod, session: MediaSession): CallInfo['dtmfMethod'] {
  try {
    return chooseDtmfMethod(requested, session.parameters);
  } catch {
    return null;
  }
}

/** The second that was written last, because calls come and go many in a second. */
let lastSecond = NaN;
let lastText = '';

function isoTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().slice(0, -4);
    lastSecond = second;
  }
  return `${lastText}${String(Math.floor(ms) - second * 1000).padStart(3, '0')}Z`;
}
