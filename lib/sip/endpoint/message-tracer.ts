import type { Clock } from '../../common';
import type { MessageRecord } from '../../trace';
import { hostOf } from '../message/uri';
import type { MessageTracer } from '../transport/transport-manager';

/** Tracer of an endpoint: turns messages as the transports see them into the records of a trace. */
export function messageTracer(trace: (record: MessageRecord) => void, clock: Clock): MessageTracer {
  const localText = rememberedText();
  const remoteText = rememberedText();
  return ({ direction, peer, local, bytes, callId }) =>
    trace({
      atMs: clock.wallNow(),
      direction,
      transport: peer.transport,
      local: localText(local),
      remote: remoteText(peer),
      bytes,
      callId,
    });
}

/** Writes an address; the text of the latest one is used again, because messages of one peer come in a row. */
function rememberedText(): (address: { address: string; port: number }) => string {
  let known = { address: '', port: 0, text: '' };
  return ({ address, port }) => {
    if (known.port !== port || known.address !== address) {
      known = { address, port, text: `${hostOf(address)}:${port}` };
    }
    return known.text;
  };
}
