import { LEAST_GAP } from '../../quality/loss-tracker';
import type { VoipMetrics } from '../../types';
import { readUint32, writeUint32 } from '../rtp-packet';

/** RTCP extended reports (RFC 3611): the packet type, the VoIP metrics block (4.7) and its fixed length in words. */
export const EXTENDED_REPORT = 207;
const VOIP_METRICS = 7;
const VOIP_METRICS_WORDS = 8;
const VOIP_METRICS_BYTES = 4 + 4 * VOIP_METRICS_WORDS;

/** Value of the rating and MOS fields for "unavailable" (RFC 3611, 4.7.5). */
const UNAVAILABLE = 127;
const MAX_UINT16 = 0xffff;
/** Longest round trip that is believed. */
const MAX_ROUND_TRIP_MS = 30_000;
const MAX_RATING = 100;
/** The MOS fields have tenths. */
const [MIN_MOS, MAX_MOS] = [10, 50];

/** Receiver configuration byte: PLC type and jitter buffer type (RFC 3611, 4.7.6). */
const STANDARD_PLC = 3 << 6;
const DISABLED_PLC = 1 << 6;
const ADAPTIVE_BUFFER = 3 << 4;
const FIXED_BUFFER = 2 << 4;

/** Our VoIP metrics, with the receiver configuration for the report. */
export interface OwnVoipMetrics extends VoipMetrics {
  conceals: boolean;
  adaptive: boolean;
}

/**
 * An extended report with one VoIP metrics block, 44 bytes. Levels, echo and the external rating are not available.
 *
 * @param ssrc ours; `source` is the stream that is reported on.
 */
export function writeVoipMetrics(ssrc: number, source: number, metrics: OwnVoipMetrics): Uint8Array {
  const packet = new Uint8Array(8 + VOIP_METRICS_BYTES);
  packet[0] = 0x80;
  packet[1] = EXTENDED_REPORT;
  packet[3] = packet.length / 4 - 1;
  writeUint32(packet, 4, ssrc);
  packet[8] = VOIP_METRICS;
  packet[11] = VOIP_METRICS_WORDS;
  writeUint32(packet, 12, source);
  packet[16] = fraction(metrics.lossShare);
  packet[17] = fraction(metrics.discardShare);
  packet[18] = fraction(metrics.burstDensity);
  packet[19] = fraction(metrics.gapDensity);
  writeUint16(packet, 20, metrics.burstMs);
  writeUint16(packet, 22, metrics.gapMs);
  writeUint16(packet, 24, metrics.rttMs ?? 0);
  writeUint16(packet, 26, metrics.endSystemDelayMs ?? 0);
  packet.fill(UNAVAILABLE, 28, 31);
  packet[31] = LEAST_GAP;
  packet[32] = limited(metrics.rating, 0, MAX_RATING);
  packet[33] = UNAVAILABLE;
  packet[34] = limited(tenths(metrics.mosListening), MIN_MOS, MAX_MOS);
  packet[35] = limited(tenths(metrics.mosConversational), MIN_MOS, MAX_MOS);
  packet[36] =
    (metrics.conceals ? STANDARD_PLC : DISABLED_PLC) | (metrics.adaptive ? ADAPTIVE_BUFFER : FIXED_BUFFER);
  writeUint16(packet, 38, metrics.jitterBufferMs);
  writeUint16(packet, 40, metrics.jitterBufferMaxMs);
  writeUint16(packet, 42, metrics.jitterBufferMaxMs);
  return packet;
}

/**
 * Reads the VoIP metrics about one stream out of an extended report, whatever its bytes: blocks of other kinds, about
 * other streams, of a wrong length or that contradict themselves are passed over, values out of range are unknown.
 *
 * @param start of the packet's header, `end` of its last block.
 * @param source the stream whose report is wanted.
 */
export function readVoipMetrics(
  packet: Uint8Array,
  start: number,
  end: number,
  source: number,
): VoipMetrics | undefined {
  let metrics: VoipMetrics | undefined;
  for (let offset = start + 8; offset + 4 <= end;) {
    const next = offset + 4 + 4 * readUint16(packet, offset + 2);
    if (next > end) break;
    const isOurs = packet[offset] === VOIP_METRICS && next - offset === VOIP_METRICS_BYTES;
    if (isOurs && readUint32(packet, offset + 4) === source) metrics = readBlock(packet, offset) ?? metrics;
    offset = next;
  }
  return metrics;
}

function readBlock(packet: Uint8Array, at: number): VoipMetrics | undefined {
  const [lossShare, discardShare] = [packet[at + 8] / 256, packet[at + 9] / 256];
  if (lossShare + discardShare > 1) return undefined;
  const rttMs = readUint16(packet, at + 16);
  return {
    lossShare,
    discardShare,
    burstDensity: packet[at + 10] / 256,
    gapDensity: packet[at + 11] / 256,
    burstMs: readUint16(packet, at + 12),
    gapMs: readUint16(packet, at + 14),
    rttMs: rttMs === 0 || rttMs > MAX_ROUND_TRIP_MS ? undefined : rttMs,
    endSystemDelayMs: readUint16(packet, at + 18) || undefined,
    rating: within(packet[at + 24], 0, MAX_RATING),
    mosListening: score(packet[at + 26]),
    mosConversational: score(packet[at + 27]),
    jitterBufferMs: readUint16(packet, at + 30),
    jitterBufferMaxMs: readUint16(packet, at + 32),
  };
}

function score(value: number): number | undefined {
  const known = within(value, MIN_MOS, MAX_MOS);
  return known === undefined ? undefined : known / 10;
}

function within(value: number, min: number, max: number): number | undefined {
  return value >= min && value <= max ? value : undefined;
}

function tenths(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 10;
}

function limited(value: number | undefined, min: number, max: number): number {
  return value === undefined ? UNAVAILABLE : Math.round(Math.max(min, Math.min(max, value)));
}

/** A share as a binary fraction of 8 bits, of which the largest stands for all. */
function fraction(share: number): number {
  return Math.max(0, Math.min(255, Math.floor(share * 256)));
}

function readUint16(packet: Uint8Array, offset: number): number {
  return (packet[offset] << 8) | packet[offset + 1];
}

function writeUint16(packet: Uint8Array, offset: number, value: number): void {
  const whole = Math.round(Math.max(0, Math.min(MAX_UINT16, value)));
  packet[offset] = whole >> 8;
  packet[offset + 1] = whole;
}
