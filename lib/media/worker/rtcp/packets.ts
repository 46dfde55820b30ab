import type { VoipMetrics } from '../../types';
import { readUint32, writeUint32 } from '../rtp-packet';
import { EXTENDED_REPORT, readVoipMetrics } from './xr';

/** RTCP packet types (RFC 3550, 12.1). */
const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;

const CNAME_ITEM = 1;
/** Seconds from 1900 (NTP) to 1970 (Unix). */
const NTP_OFFSET_S = 2208988800;
const MAX_LOST = 0x7fffff;
const MIN_LOST = -0x800000;
/** Longest round trip that is believed: more is a wrong report, or a clock that was set. */
const MAX_ROUND_TRIP_MS = 30_000;

/** A reception report block (RFC 3550, 6.4.1), ours or the peer's. */
export interface ReportBlock {
  ssrc: number;
  /** Share of packets lost since the last report, 0–255. */
  fractionLost: number;
  /** Signed, 24 bits. */
  cumulativeLost: number;
  highestSequence: number;
  /** In units of the RTP clock. */
  jitter: number;
  /** LSR: middle 32 bits of the last SR's NTP time; 0 when there was none. */
  lastSenderReport: number;
  /** DLSR: delay since the last SR, in 1/65536 s. */
  delaySinceLast: number;
}

export interface SenderInfo {
  /** Milliseconds since the Unix epoch. */
  wallMs: number;
  rtpTimestamp: number;
  packets: number;
  /** Payload bytes, without headers. */
  octets: number;
}

/** Contents of a received compound packet, as far as they are used. */
export interface RtcpReport {
  /** SSRC of the sender of the first SR or RR. */
  ssrc?: number;
  /** Middle 32 bits of the SR's NTP time. */
  senderReport?: number;
  blocks: ReportBlock[];
  /** VoIP metrics of an extended report about `reportOn`. */
  metrics?: VoipMetrics;
  bye: boolean;
}

/** Middle 32 bits of the NTP time of a wall-clock moment, the form that LSR has (RFC 3550, 4). */
export function compactNtp(wallMs: number): number {
  const seconds = Math.floor(wallMs / 1000) + NTP_OFFSET_S;
  const fraction = Math.floor(((wallMs % 1000) / 1000) * 0x10000);
  return (((seconds & 0xffff) << 16) | fraction) >>> 0;
}

/**
 * Round-trip time in milliseconds from a block that reports on us (RFC 3550, 6.4.1), or undefined when it
 * does not allow one. A negative value, which only clock steps make, and one of more than 30 s count as none.
 */
export function roundTripMs(block: ReportBlock, wallMs: number): number | undefined {
  if (block.lastSenderReport === 0) return undefined;
  const units = (compactNtp(wallMs) - block.lastSenderReport - block.delaySinceLast) | 0;
  const ms = (units * 1000) / 0x10000;
  return ms < 0 || ms > MAX_ROUND_TRIP_MS ? undefined : ms;
}

/**
 * Makes a compound packet: SR (with `sender`) or RR, then SDES with the CNAME, then `extended`, which is a packet by
 * itself, then BYE if asked. Every compound packet begins with a report and carries a CNAME (RFC 3550, 6.1).
 */
export function writeCompound(options: {
  ssrc: number;
  cname: string;
  sender?: SenderInfo;
  block?: ReportBlock;
  extended?: Uint8Array;
  bye?: boolean;
}): Uint8Array {
  const { ssrc, sender, block, extended, bye } = options;
  const cname = Buffer.from(options.cname, 'utf8').subarray(0, 255);
  const reportLength = 8 + (sender ? 20 : 0) + (block ? 24 : 0);
  // SDES: header, SSRC, item header, text, at least one zero, padded to 32 bits.
  const chunkLength = Math.ceil((4 + 2 + cname.length + 1) / 4) * 4;
  const packet = new Uint8Array(reportLength + 4 + chunkLength + (extended?.length ?? 0) + (bye ? 8 : 0));

  let offset = 0;
  writeHeader(packet, offset, block ? 1 : 0, sender ? SENDER_REPORT : RECEIVER_REPORT, reportLength);
  writeUint32(packet, 4, ssrc);
  offset = 8;
  if (sender) {
    writeUint32(packet, offset, Math.floor(sender.wallMs / 1000) + NTP_OFFSET_S);
    writeUint32(packet, offset + 4, Math.floor(((sender.wallMs % 1000) / 1000) * 0x100000000));
    writeUint32(packet, offset + 8, sender.rtpTimestamp);
    writeUint32(packet, offset + 12, sender.packets);
    writeUint32(packet, offset + 16, sender.octets);
    offset += 20;
  }
  if (block) {
    const lost = Math.min(MAX_LOST, Math.max(MIN_LOST, block.cumulativeLost));
    writeUint32(packet, offset, block.ssrc);
    writeUint32(packet, offset + 4, lost & 0xffffff);
    packet[offset + 4] = block.fractionLost;
    writeUint32(packet, offset + 8, block.highestSequence);
    writeUint32(packet, offset + 12, block.jitter);
    writeUint32(packet, offset + 16, block.lastSenderReport);
    writeUint32(packet, offset + 20, block.delaySinceLast);
    offset += 24;
  }
  writeHeader(packet, offset, 1, SOURCE_DESCRIPTION, 4 + chunkLength);
  writeUint32(packet, offset + 4, ssrc);
  packet[offset + 8] = CNAME_ITEM;
  packet[offset + 9] = cname.length;
  packet.set(cname, offset + 10);
  offset += 4 + chunkLength;
  if (extended) {
    packet.set(extended, offset);
    offset += extended.length;
  }
  if (bye) {
    writeHeader(packet, offset, 1, GOODBYE, 8);
    writeUint32(packet, offset + 4, ssrc);
  }
  return packet;
}

/**
 * Reads a compound packet, whatever its bytes: what is malformed ends the reading, what is unknown is
 * skipped. Returns undefined when not even the first packet is valid RTCP.
 *
 * @param reportOn the stream about which extended reports are read; none are without it.
 */
export function parseCompound(packet: Uint8Array, reportOn?: number): RtcpReport | undefined {
  const report: RtcpReport = { blocks: [], bye: false };
  let offset = 0;
  while (offset + 8 <= packet.length && packet[offset] >> 6 === 2) {
    const type = packet[offset + 1];
    const end = offset + 4 + 4 * ((packet[offset + 2] << 8) | packet[offset + 3]);
    if (type < 192 || type > 223 || end > packet.length) break;
    const count = packet[offset] & 0x1f;
    if (type === SENDER_REPORT && end - offset >= 28) {
      report.ssrc ??= readUint32(packet, offset + 4);
      report.senderReport = readUint32(packet, offset + 10);
      readBlocks(packet, offset + 28, end, count, report.blocks);
    } else if (type === RECEIVER_REPORT) {
      report.ssrc ??= readUint32(packet, offset + 4);
      readBlocks(packet, offset + 8, end, count, report.blocks);
    } else if (type === EXTENDED_REPORT && reportOn !== undefined) {
      const metrics = readVoipMetrics(packet, offset, end, reportOn);
      if (metrics) report.metrics = metrics;
    } else if (type === GOODBYE) {
      report.bye = true;
    }
    offset = end;
  }
  return offset === 0 ? undefined : report;
}

function readBlocks(
  packet: Uint8Array,
  start: number,
  end: number,
  count: number,
  into: ReportBlock[],
): void {
  for (let index = 0, offset = start; index < count && offset + 24 <= end; index++, offset += 24) {
    into.push({
      ssrc: readUint32(packet, offset),
      fractionLost: packet[offset + 4],
      cumulativeLost: (readUint32(packet, offset + 4) << 8) >> 8,
      highestSequence: readUint32(packet, offset + 8),
      jitter: readUint32(packet, offset + 12),
      lastSenderReport: readUint32(packet, offset + 16),
      delaySinceLast: readUint32(packet, offset + 20),
    });
  }
}

function writeHeader(packet: Uint8Array, offset: number, count: number, type: number, length: number): void {
  packet[offset] = 0x80 | count;
  packet[offset + 1] = type;
  const words = length / 4 - 1;
  packet[offset + 2] = words >> 8;
  packet[offset + 3] = words;
}
