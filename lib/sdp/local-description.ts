import { type AudioLine, readAudioLine } from './audio-line';
import { type CryptoLine, cryptoAttribute } from './crypto';
import type { SdpAttribute, SdpMedia, SessionDescription } from './description';
import { SdpError } from './errors';
import { parseSdp } from './parse';
import type { OfferedFormat } from './payload-types';
import type { Direction, LocalAudio } from './types';
import { connectionOf, shareText } from './write';

/** The audio line that we are about to write. */
export interface LocalLine {
  protocol: string;
  formats: readonly OfferedFormat[];
  ptimeMs: number;
  direction: Direction;
  rtcpMux: boolean;
  /** Whether we ask for VoIP metrics in RTCP; in an answer, when the offer did. */
  rtcpXr: boolean;
  /** Whether the line names its RTCP port when that is not the one above RTP. */
  nameRtcpPort: boolean;
  crypto: readonly CryptoLine[];
}

/** Our description without media lines: `o=`, one `c=` for the session, `t=0 0`. */
export function localDescription(local: LocalAudio, media: SdpMedia[]): SessionDescription {
  const connection = connectionOf(local.address);
  return {
    origin: {
      username: '-',
      sessionId: local.origin.sessionId,
      sessionVersion: String(local.origin.version),
      ...connection,
    },
    sessionName: '-',
    connections: [connection],
    attributes: [],
    others: [{ type: 't', value: '0 0' }],
    media,
  };
}

/** A list of formats as an audio line has it. */
interface WrittenFormats {
  numbers: string[];
  attributes: readonly SdpAttribute[];
  /** The attributes of the latest line without any that are its own, which the next one shares: mostly it is alike. */
  latest: { readonly like: LocalLine; readonly attributes: SdpAttribute[] } | undefined;
}

/** By list, because the first offers of a phone share theirs; see `numberFormats`. */
const written = new WeakMap<readonly OfferedFormat[], WrittenFormats>();

function writtenFormats(formats: readonly OfferedFormat[]): WrittenFormats {
  const known = written.get(formats);
  if (known) return known;
  const attributes: SdpAttribute[] = [];
  for (const { payloadType, rtpmap, fmtp } of formats) {
    attributes.push({ name: 'rtpmap', value: `${payloadType} ${rtpmap}` });
    if (fmtp !== undefined) attributes.push({ name: 'fmtp', value: `${payloadType} ${fmtp}` });
  }
  const numbers = formats.map((format) => String(format.payloadType));
  const made: WrittenFormats = { numbers, attributes, latest: undefined };
  written.set(formats, made);
  return made;
}

/** Our audio line. */
export function localAudioMedia(local: LocalAudio, line: LocalLine): SdpMedia {
  const formats = writtenFormats(line.formats);
  const namesRtcp = line.nameRtcpPort && local.rtcpPort !== local.rtpPort + 1;
  const attributes =
    namesRtcp || line.crypto.length > 0
      ? attributesOf(line, formats, namesRtcp ? local.rtcpPort : undefined)
      : sharedAttributes(line, formats);
  return {
    media: 'audio',
    port: local.rtpPort,
    protocol: line.protocol,
    formats: formats.numbers,
    connections: [],
    attributes,
    others: [],
  };
}

function sharedAttributes(line: LocalLine, formats: WrittenFormats): SdpAttribute[] {
  const { latest } = formats;
  if (
    latest?.like.ptimeMs === line.ptimeMs &&
    latest.like.direction === line.direction &&
    latest.like.rtcpMux === line.rtcpMux &&
    latest.like.rtcpXr === line.rtcpXr
  ) {
    return latest.attributes;
  }
  const attributes = attributesOf(line, formats);
  shareText(attributes);
  formats.latest = { like: line, attributes };
  return attributes;
}

function attributesOf(line: LocalLine, formats: WrittenFormats, rtcpPort?: number): SdpAttribute[] {
  const attributes: SdpAttribute[] = [...line.crypto.map(cryptoAttribute), ...formats.attributes];
  attributes.push({ name: 'ptime', value: String(line.ptimeMs) });
  if (rtcpPort !== undefined) attributes.push({ name: 'rtcp', value: String(rtcpPort) });
  if (line.rtcpMux) attributes.push({ name: 'rtcp-mux' });
  if (line.rtcpXr) attributes.push({ name: 'rtcp-xr', value: 'voip-metrics' });
  attributes.push({ name: line.direction });
  // A call keeps its offer; a list that grew has room for sixteen more.
  return attributes.slice();
}

/** The same media line with port 0: rejected in an answer, switched off in an offer (RFC 3264, 6 and 8.2). */
export function closedMedia(media: SdpMedia): SdpMedia {
  return {
    media: media.media,
    port: 0,
    protocol: media.protocol,
    formats: media.formats.length > 0 ? media.formats : ['0'],
    connections: [],
    attributes: [],
    others: [],
  };
}

/** Our last description in the session and its audio line, as far as they exist. */
export function previousDescription(local: LocalAudio): {
  description?: SessionDescription;
  audio?: AudioLine;
} {
  if (local.previous === undefined) return {};
  try {
    const description = parseSdp(local.previous);
    const place = description.media.findIndex(isOpenAudio);
    return place < 0 ? { description } : { description, audio: readAudioLine(description, place) };
  } catch (error) {
    if (error instanceof SdpError) return {};
    throw error;
  }
}

/** Whether the line is the audio stream of one of our own descriptions. */
export function isOpenAudio(media: SdpMedia): boolean {
  return media.media === 'audio' && media.port !== 0;
}
