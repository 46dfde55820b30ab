import type { Clock } from '../common/clock';
import type { MessageRecord } from '../trace';
import { hostOf } from './message/uri';
import type { MessageTracer } from './transport/transport-manager';

/** Turns what the transports see into the records of a trace. */
export function messageTracer(trace: (record: MessageRecord) => void, clock: Clock): MessageTracer {
  const text = ({ address, port }: { address: string; port: number }): string => `${hostOf(address)}:${port}`;
  return ({ direction, peer, local, bytes }) =>
    trace({
      atMs: clock.wallNow(),
      direction,
      transport: peer.transport,
      local: text(local),
      remote: text(peer),
      bytes,
    });
}
