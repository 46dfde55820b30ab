import type { NodeAPI } from 'node-red';
import type { CallInfo, CallRef } from '../../../lib/calls';
import { SipflowError } from '../../../lib/common';
import type { Ladder, LadderLanguage } from '../../../lib/evidence';
import { ladderOfSides, nodesOfCall, titleOf } from '../../../nodes';
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
    const [{ call, live, info }] = calls;
    const { ref, recordings, receivedDigits } = call;
    return {
      ref,
      info: await info(),
      phone: phoneName(RED, ref.instance),
      live: live !== undefined,
      nodes: nodesOfCall(ref.id),
      digits: receivedDigits.map(({ digit }) => digit).join(''),
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
  const sides = inOrder(calls).map(async ({ call, info }) => ({
    call,
    info: await info(),
    phone: phoneName(RED, call.ref.instance),
  }));
  return ladderOfSides(await Promise.all(sides), language);
}

/** The side that made the call first, so that the ladder is the same from either side. */
function inOrder(calls: readonly KnownCall[]): KnownCall[] {
  return calls.toSorted((a, b) => {
    return Number(b.call.ref.direction === 'out') - Number(a.call.ref.direction === 'out');
  });
}
