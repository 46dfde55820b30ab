import type { CodecName } from '../audio';
import type { AudioLine } from './audio-line';

const MIN_MS = 10;
const MAX_MS = 60;
/** Opus packs 10, 20, 40 or 60 ms into one frame (RFC 6716, 2.1.4). */
const OPUS_STEPS: readonly number[] = [60, 40, 20, 10];

/**
 * The packet time to send to a peer, in milliseconds: its `ptime` (ours when it names none), at most its
 * `maxptime`, rounded down to what our sender and the codec can do (multiples of 10 from 10 to 60).
 */
export function sendingPacketTime(codec: CodecName, peer: AudioLine, localMs: number): number {
  const wanted = Math.min(peer.ptimeMs ?? localMs, peer.maxptimeMs ?? MAX_MS, MAX_MS);
  if (codec === 'OPUS') return OPUS_STEPS.find((step) => step <= wanted) ?? MIN_MS;
  return Math.max(MIN_MS, Math.floor(wanted / 10) * 10);
}
