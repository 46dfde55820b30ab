import type { Phone } from '../../lib/calls';
import { systemClock } from '../../lib/common';
import { messageTracer } from '../../lib/sip/endpoint/message-tracer';
import { MessageTrace } from '../../lib/trace';

/** A message of a call, with the Call-ID that each copy replaces. */
interface Sample {
  direction: 'in' | 'out';
  text: string;
}

const PEER = { transport: 'udp', address: '127.0.0.1', port: 5060 } as const;
const LOCAL = { address: '127.0.0.1', port: 5062 };
/** As of a phone, see `lib/calls/phone`. */
const LIMITS = { maxCalls: 1000, maxBytes: 4 * 1024 * 1024 };

/**
 * Cost of the message trace by itself: the messages of a real call, both sides, go through a trace as they go through
 * that of a phone. What a phone without a trace would save cannot be seen from outside, because there is none.
 *
 * @returns measures one turn of so many calls: milliseconds of processor time for a call
 */
export async function traceTurn(caller: Phone, target: string): Promise<(calls: number) => number> {
  const call = await caller.dial(target);
  await call.outcome;
  await call.hangup();
  const { callId } = call.ref;
  const own = call.trace();
  // The other side sees the same messages the other way round.
  const samples: Sample[] = [...own, ...own].map(({ direction, text }, index) => ({
    direction: index < own.length ? direction : direction === 'in' ? 'out' : 'in',
    text,
  }));
  const trace = new MessageTrace(LIMITS);
  const see = messageTracer((record) => trace.record(record), systemClock);
  let placed = 0;
  return (calls) => {
    const ids = Array.from({ length: calls }, () => String(++placed).padStart(callId.length, '0'));
    // Made before, because the network makes them in any case.
    const messages = ids.map((id) => samples.map(({ text }) => Buffer.from(text.replaceAll(callId, id))));
    const began = process.cpuUsage();
    ids.forEach((id, call) => {
      messages[call].forEach((bytes, index) =>
        see({ direction: samples[index].direction, peer: PEER, local: LOCAL, bytes, callId: id }),
      );
    });
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000 / calls;
  };
}
