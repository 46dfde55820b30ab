import { isIP } from 'node:net';
import { decimal, words } from '../common';
import { type CryptoLine, namedSuites, usableCryptoLines } from './crypto';
import {
  type SdpConnection,
  type SdpMedia,
  type SdpSection,
  type SessionDescription,
  attributeValue,
  hasAttribute,
} from './description';
import { directionOf, sends, statedDirection } from './direction';
import { type AudioFormat, audioFormats, offeredAudioFormats } from './formats';
import { printable } from './printable';
import type { Direction } from './types';

/** One audio line of a description with everything that a negotiation asks about it. */
export interface AudioLine {
  /** Position among the media lines, from 0. */
  index: number;
  /** 0 = rejected or switched off. */
  port: number;
  /** Upper case. */
  protocol: string;
  /** From the media line's own `c=`, else from the session's. */
  address?: string;
  /** The address type of that line when it is none of IP4 and IP6. */
  unknownAddressType?: string;
  /** As seen from the writer of the line; the legacy hold address 0.0.0.0 takes receiving away. */
  direction: Direction;
  formats: AudioFormat[];
  ptimeMs?: number;
  maxptimeMs?: number;
  /** From `a=rtcp` (RFC 3605), else the port above RTP. */
  rtcpPort: number;
  rtcpMux: boolean;
  /** Whether VoIP metrics are wanted in RTCP (`a=rtcp-xr`, RFC 3611, 5.1). */
  rtcpXr: boolean;
  /** The `a=crypto` lines that we can honour. */
  crypto: CryptoLine[];
  /** Whether keys could come by DTLS (`a=fingerprint`, RFC 8122). */
  fingerprint: boolean;
  /** The suites of all lines, known or not, for diagnosis. */
  namedSuites: string[];
}

/** Reads media line `index`, which must exist. See `audioFormats` for `known`. */
export function readAudioLine(
  description: SessionDescription,
  index: number,
  known?: readonly AudioFormat[],
): AudioLine {
  const media = mediaAt(description, index);
  return lineOf(description, index, media, audioFormats(media, known));
}

/** The same for an offer of ours. */
export function readOfferedLine(description: SessionDescription, index: number): AudioLine {
  const media = mediaAt(description, index);
  return lineOf(description, index, media, offeredAudioFormats(media));
}

function mediaAt(description: SessionDescription, index: number): SdpMedia {
  const media = description.media[index];
  if (!media) throw new RangeError(`the description has no media line ${index}`);
  return media;
}

function lineOf(
  description: SessionDescription,
  index: number,
  media: SdpMedia,
  formats: AudioFormat[],
): AudioLine {
  const connection = pickConnection(media.connections) ?? pickConnection(description.connections);
  const address = connection?.address;
  const ptimeMs = milliseconds(media, 'ptime') ?? milliseconds(description, 'ptime');
  const maxptimeMs = milliseconds(media, 'maxptime') ?? milliseconds(description, 'maxptime');
  const stated = statedDirection(description, media);
  const line: AudioLine = {
    index,
    port: media.port,
    protocol: media.protocol.toUpperCase(),
    direction: isUnspecified(address) ? directionOf(sends(stated), false) : stated,
    formats,
    rtcpPort: rtcpPort(media),
    rtcpMux: hasAttribute(media, 'rtcp-mux'),
    rtcpXr: wantsVoipMetrics(attributeValue(media, 'rtcp-xr') ?? attributeValue(description, 'rtcp-xr')),
    crypto: usableCryptoLines(media),
    fingerprint: hasAttribute(media, 'fingerprint') || hasAttribute(description, 'fingerprint'),
    namedSuites: namedSuites(media),
  };
  if (address !== undefined) line.address = address;
  if (connection && !/^IP[46]$/.test(connection.addressType))
    line.unknownAddressType = connection.addressType;
  if (ptimeMs !== undefined) line.ptimeMs = ptimeMs;
  if (maxptimeMs !== undefined) line.maxptimeMs = maxptimeMs;
  return line;
}

/** Every audio line of the description, rejected ones too. */
export function readAudioLines(description: SessionDescription): AudioLine[] {
  const lines: AudioLine[] = [];
  for (const [index, { media }] of description.media.entries()) {
    if (media === 'audio') lines.push(readAudioLine(description, index));
  }
  return lines;
}

/** Why packets cannot be sent to the line's address, as the end of a sentence, or undefined when they can. */
export function addressFault(line: AudioLine): string | undefined {
  const { address } = line;
  if (address === undefined) return 'names no address (c= line) for its audio';
  if (isIP(address) === 0) {
    return `gives the host name ${printable(address)} in its c= line, which has no address that could be found`;
  }
  if (isMulticast(address)) return 'gives a multicast address in its c= line';
  return undefined;
}

/** Of several `c=` lines the first that a packet can be sent to. */
function pickConnection(connections: readonly SdpConnection[]): SdpConnection | undefined {
  return connections.find(({ address }) => isIP(address) !== 0 && !isMulticast(address)) ?? connections[0];
}

function isUnspecified(address: string | undefined): boolean {
  return address !== undefined && /^[0.:]+$/.test(address) && isIP(address) !== 0;
}

function isMulticast(address: string): boolean {
  if (isIP(address) === 6) return /^ff/i.test(address);
  const first = Number(address.slice(0, address.indexOf('.')));
  return (first >= 224 && first <= 239) || address === '255.255.255.255';
}

/** A positive number of up to five digits, with up to three behind the point. */
function milliseconds(section: SdpSection, name: string): number | undefined {
  const text = attributeValue(section, name);
  if (text === undefined || !/^\d{1,5}(\.\d{1,3})?$/.test(text)) return undefined;
  const value = Number(text);
  return value > 0 ? value : undefined;
}

function rtcpPort(media: SdpMedia): number {
  const rtcp = attributeValue(media, 'rtcp');
  const stated = rtcp === undefined ? 0 : (decimal(words(rtcp)[0] ?? '', 5) ?? 0);
  if (stated > 0 && stated <= 65_535) return stated;
  return Math.min(media.port + 1, 65_535);
}

function wantsVoipMetrics(formats: string | undefined): boolean {
  return formats !== undefined && words(formats).some((format) => format.toLowerCase() === 'voip-metrics');
}
