/** Packet types of RTCP (RFC 3550, 12.1; RFC 3611, 2). */
const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const EXTENDED_REPORT = 207;
/** VoIP metrics block (RFC 3611, 4.7), and its bytes with head. */
const VOIP_METRICS = 7;
const VOIP_METRICS_BYTES = 36;

/** Members as collectors know them; each number as it stands in the packet. */
interface RtcpText {
  sender_information?: Record<string, number>;
  ssrc?: number;
  type?: number;
  report_count: number;
  report_blocks: Record<string, number>[];
  report_blocks_xr?: Record<string, number>;
  sdes_ssrc?: number;
}

/**
 * A compound packet of RTCP as the JSON that collectors of HEP take for protocol type 5, whatever its bytes: what is
 * malformed ends the reading, what is unknown is skipped. `fraction_lost` counts in 1/256, `ia_jitter` in units of the RTP
 * clock, `lsr` and `dlsr` in 1/65536 s.
 *
 * @returns undefined for a packet that reports nothing: neither a block, nor sender information, nor VoIP metrics
 */
export function rtcpJson(packet: Uint8Array): string | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const text: RtcpText = { report_count: 0, report_blocks: [] };
  for (let place = 0; place + 8 <= packet.length && packet[place] >> 6 === 2;) {
    const end = place + 4 + 4 * view.getUint16(place + 2);
    if (end > packet.length) break;
    readPacket(view, place, end, text);
    place = end;
  }
  const says = text.report_blocks.length > 0 || text.sender_information || text.report_blocks_xr;
  return says ? JSON.stringify(text) : undefined;
}

function readPacket(view: DataView, place: number, end: number, text: RtcpText): void {
  const type = view.getUint8(place + 1);
  const count = view.getUint8(place) & 0x1f;
  if (type === SENDER_REPORT && end - place >= 28) {
    begin(view, place, type, text);
    text.sender_information = {
      ntp_timestamp_sec: view.getUint32(place + 8),
      ntp_timestamp_usec: view.getUint32(place + 12),
      rtp_timestamp: view.getUint32(place + 16),
      packets: view.getUint32(place + 20),
      octets: view.getUint32(place + 24),
    };
    readBlocks(view, place + 28, end, count, text);
  } else if (type === RECEIVER_REPORT && end - place >= 8) {
    begin(view, place, type, text);
    readBlocks(view, place + 8, end, count, text);
  } else if (type === SOURCE_DESCRIPTION && count > 0 && end - place >= 8) {
    text.sdes_ssrc ??= view.getUint32(place + 4);
  } else if (type === EXTENDED_REPORT) {
    readExtended(view, place + 8, end, text);
  }
}

/** The first report of a compound packet gives it its name. */
function begin(view: DataView, place: number, type: number, text: RtcpText): void {
  text.type ??= type;
  text.ssrc ??= view.getUint32(place + 4);
}

function readBlocks(view: DataView, start: number, end: number, count: number, text: RtcpText): void {
  for (let index = 0, place = start; index < count && place + 24 <= end; index++, place += 24) {
    text.report_blocks.push({
      source_ssrc: view.getUint32(place),
      fraction_lost: view.getUint8(place + 4),
      packets_lost: (view.getInt32(place + 4) << 8) >> 8,
      highest_seq_no: view.getUint32(place + 8),
      ia_jitter: view.getUint32(place + 12),
      lsr: view.getUint32(place + 16),
      dlsr: view.getUint32(place + 20),
    });
    text.report_count += 1;
  }
}

function readExtended(view: DataView, start: number, end: number, text: RtcpText): void {
  for (let place = start; place + 4 <= end;) {
    const next = place + 4 + 4 * view.getUint16(place + 2);
    if (next > end) return;
    if (view.getUint8(place) === VOIP_METRICS && next - place === VOIP_METRICS_BYTES) {
      text.report_blocks_xr = {
        type: VOIP_METRICS,
        id: view.getUint32(place + 4),
        fraction_lost: view.getUint8(place + 8),
        fraction_discard: view.getUint8(place + 9),
        burst_density: view.getUint8(place + 10),
        gap_density: view.getUint8(place + 11),
        burst_duration: view.getUint16(place + 12),
        gap_duration: view.getUint16(place + 14),
        round_trip_delay: view.getUint16(place + 16),
        end_system_delay: view.getUint16(place + 18),
      };
    }
    place = next;
  }
}
