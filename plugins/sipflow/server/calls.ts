import type { NodeAPI } from 'node-red';
import type { CallInfo, CallRef } from '../../../lib/calls';
import { world } from '../../../nodes';
import { phoneName } from './phone-nodes';
import type { Routes } from './routes';

/** A call as the list shows it. Times are milliseconds since the epoch. */
export interface CallRow {
  id: string;
  callId: string;
  phone: string;
  direction: 'in' | 'out';
  from: string;
  to: string;
  state: CallInfo['state'];
  startedAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  codec: string | null;
  mos: number | null;
  status: number | null;
  reason: string | null;
  recordings: number;
}

/** Answer to a sidebar: all live calls, and those that have ended since it asked last. */
export interface CallList {
  /** What the next request says as `since`. */
  now: number;
  live: CallRow[];
  ended: CallRow[];
  /** When the oldest ended call that is known ended; earlier ones are forgotten. */
  oldest: number;
  /** Live calls that are not in the list. */
  more: number;
}

/** Live calls in an answer; the latest ones. */
const MOST_LIVE = 1_000;
/** Up to so many live calls are asked for their figures, which comes from the media threads. */
const MOST_ASKED = 40;
/** Characters of a URI. */
const URI_LENGTH = 200;

/** The running and recent calls of all phones. */
export function serveCalls(RED: NodeAPI, routes: Routes): void {
  routes.read('calls', async ({ query }): Promise<CallList> => {
    const since = Number(query.since) || 0;
    const now = Date.now();
    const { running, ended } = world.calls;
    const shown = running.slice(-MOST_LIVE);
    const nameOf = namesOnce(RED);
    const live = await Promise.all(
      shown.map(async (call) => {
        const info = shown.length <= MOST_ASKED ? await call.info() : call.summary;
        return rowOf(nameOf, call.ref, info, call.recordings.length);
      }),
    );
    return {
      now,
      // One that has ended while it was asked is told of as such the next time.
      live: live.filter(({ state }) => state !== 'ended'),
      ended: ended
        .filter(({ endedAt }) => endedAt >= since)
        .map(({ ref, info, recordings }) => rowOf(nameOf, ref, info, recordings.length)),
      oldest: ended[0]?.endedAt ?? now,
      more: running.length - shown.length,
    };
  });
}

function rowOf(nameOf: (id: string) => string, ref: CallRef, info: CallInfo, recordings: number): CallRow {
  const { id, callId, direction, from, to, instance } = ref;
  return {
    id,
    callId: callId.slice(0, URI_LENGTH),
    phone: nameOf(instance),
    direction,
    from: from.slice(0, URI_LENGTH),
    to: to.slice(0, URI_LENGTH),
    state: info.state,
    startedAt: Date.parse(info.startedAt),
    answeredAt: timeOf(info.answeredAt),
    endedAt: timeOf(info.endedAt),
    codec: info.codec,
    mos: info.mos,
    status: info.status,
    reason: info.reason === null ? null : info.reason.slice(0, URI_LENGTH),
    recordings,
  };
}

function timeOf(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}

/** Names of phones, each looked for once. */
function namesOnce(RED: NodeAPI): (id: string) => string {
  const names = new Map<string, string>();
  return (id) => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const name = phoneName(RED, id);
    names.set(id, name);
    return name;
  };
}
