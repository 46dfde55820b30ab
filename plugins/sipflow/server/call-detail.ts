import type { NodeAPI } from 'node-red';
import type { CallInfo, CallRef } from '../../../lib/calls';
import { SipflowError } from '../../../lib/common';
import { type Ladder, type LadderLanguage, type LadderMark, ladderOf } from '../../../lib/evidence';
import { nodesOfCall } from '../../../nodes';
import { callsOf, type KnownCall } from './known-call';
import { phoneName } from './phone-nodes';
import { languageOf, type Routes } from './routes';

/** A call with everything that the sidebar shows of it. */
export interface CallDetail {
  ref: CallRef;
  info: CallInfo;
  phone: string;
  live: boolean;
  /** Ids of the nodes that handled it, in order. */
  nodes: readonly string[];
  digits: string;
  recordings: RecordingName[];
  ladder: Ladder;
}

export interface RecordingName {
  title: string;
  /** Whether nothing more will be written to it. */
  final: boolean;
}

/** One call: what is known of it, its ladder, and hanging up. */
export function serveCallDetail(RED: NodeAPI, routes: Routes): void {
  routes.read('calls/:id', async (asked): Promise<CallDetail> => {
    const calls = callsOf(asked.params.id);
    const [call] = calls;
    const { ref, live, recordings, digits } = call;
    return {
      ref,
      info: await call.info(),
      phone: phoneName(RED, ref.instance),
      live: live !== undefined,
      nodes: nodesOfCall(ref.id),
      digits: digits.map(({ digit }) => digit).join(''),
      recordings: recordings.map(({ file, final }) => ({ title: titleOf(file), final })),
      ladder: await ladderOfCalls(RED, calls, languageOf(asked)),
    };
  });

  routes.write('calls/:id/hangup', async ({ params }) => {
    const [{ live }] = callsOf(params.id);
    if (!live) throw new SipflowError('CALL_ENDED', 'The call has ended already.');
    await live.hangup();
  });
}

/** One ladder of the sides of a call. */
export async function ladderOfCalls(
  RED: NodeAPI,
  calls: readonly KnownCall[],
  language: LadderLanguage,
): Promise<Ladder> {
  const sides = await Promise.all(
    inOrder(calls).map(async (call) => ({
      ref: call.ref,
      phone: phoneName(RED, call.ref.instance),
      info: await call.info(),
      messages: call.trace(),
      recordings: call.recordings.map(({ file }) => titleOf(file)),
      digits: call.digits,
    })),
  );
  const startedAtMs = Math.min(
    ...sides.map(({ info, messages: [first] }) =>
      Math.min(Date.parse(info.startedAt), first?.atMs ?? Infinity),
    ),
  );
  const marks = sides.flatMap(({ ref, info, digits }): LadderMark[] => {
    // The time of a digit counts from when the media began, which without early media is the answer.
    const began = Date.parse(info.answeredAt ?? '') - startedAtMs;
    if (!Number.isFinite(began)) return [];
    return digits.map(({ digit, atMs }) => ({
      kind: 'digit',
      atMs: began + atMs,
      text: digit,
      call: ref.id,
    }));
  });
  const named = sides.map(({ digits: _digits, phone, ...side }) => ({
    ...side,
    ...(phone === '' ? {} : { phone }),
  }));
  return ladderOf({ calls: named, marks, startedAtMs, language });
}

/** The side that made the call first, so that the ladder is the same from either side. */
function inOrder(calls: readonly KnownCall[]): KnownCall[] {
  return calls.toSorted((a, b) => Number(b.ref.direction === 'out') - Number(a.ref.direction === 'out'));
}

/** Name of a file without its folders. */
export function titleOf(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
