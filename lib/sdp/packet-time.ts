import { type CodecName, CODECS } from '../audio';
import type { AudioLine } from './audio-line';

const MAX_MS = 60;
/**
 * The packet time to send to a peer, in milliseconds: its `ptime` (ours when it names none), at most its
 * `maxptime`, rounded down to what the codec can be sent with.
 */
export function sendingPacketTime(codec: CodecName, peer: AudioLine, localMs: number): number {
  const wanted = Math.min(peer.ptimeMs ?? localMs, peer.maxptimeMs ?? MAX_MS, MAX_MS);
  const { packetTimes } = CODECS[codec];
  return packetTimes.find((step) => step <= wanted) ?? packetTimes[packetTimes.length - 1];
}
