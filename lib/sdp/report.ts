import { maskKeys } from '../common';
import { readAudioLines, type AudioLine } from './audio-line';
import { statedDirection } from './direction';
import { SdpError } from './errors';
import { parseSdp } from './parse';
import type { Direction } from './types';

/** Limits of a report, whatever a peer sends. */
export const SDP_REPORT_LIMITS = { lines: 200, characters: 512, codecs: 32 } as const;

/** A session description as data, for people and flows. */
export interface SdpReport {
  /** The description as it is on the wire, one text for each line, with its keys masked. */
  lines: string[];
  /** Address for the audio; null when there is no audio line, or none with an address. */
  address: string | null;
  /** 0 when the audio is refused; null when there is no audio line. */
  port: number | null;
  /** `RTP/AVP`, `RTP/SAVP`, … */
  protocol: string | null;
  /** As the side that wrote it sees it. */
  direction: Direction | null;
  /** Whether the audio line has keys for SRTP (SDES), or a DTLS fingerprint. */
  crypto: boolean;
  codecs: SdpReportCodec[];
}

/** One payload type of the audio line. */
export interface SdpReportCodec {
  /** As it is written; '' for a dynamic number that nothing explains. */
  name: string;
  payloadType: number;
  /** Hz; 0 when unknown. */
  clockRate: number;
  channels: number;
  fmtp: string | null;
}

/** Describes the audio of a session description: its first open line, else its first. Never throws. */
export function reportSdp(sdp: string): SdpReport {
  const lines = maskKeys(sdp)
    .split(/\r\n|\r|\n/, SDP_REPORT_LIMITS.lines)
    .filter((line) => line !== '')
    .map((line) => line.slice(0, SDP_REPORT_LIMITS.characters));
  const audio = audioOf(sdp);
  if (!audio) {
    return { lines, address: null, port: null, protocol: null, direction: null, crypto: false, codecs: [] };
  }
  const { line, direction } = audio;
  return {
    lines,
    address: line.address ?? null,
    port: line.port,
    protocol: line.protocol,
    direction,
    crypto: line.namedSuites.length > 0 || line.fingerprint,
    codecs: line.formats.slice(0, SDP_REPORT_LIMITS.codecs).map((format) => ({
      name: format.encodingName,
      payloadType: format.payloadType,
      clockRate: format.clockRate,
      channels: format.channels,
      fmtp: format.fmtp?.slice(0, SDP_REPORT_LIMITS.characters) ?? null,
    })),
  };
}

/** Audio line and direction of the description; undefined when it has none, or cannot be read. */
function audioOf(sdp: string): { line: AudioLine; direction: Direction } | undefined {
  try {
    const description = parseSdp(sdp);
    const lines = readAudioLines(description);
    const line = lines.find(({ port }) => port !== 0) ?? lines[0];
    return line && { line, direction: statedDirection(description, description.media[line.index]) };
  } catch (error) {
    if (error instanceof SdpError) return undefined;
    throw error;
  }
}
