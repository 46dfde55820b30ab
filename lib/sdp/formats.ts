import { CODECS, type CodecName, canonicalCodecName } from '../audio/codecs';
import { type SdpMedia, attributeValues } from './description';

/** One payload type of an audio line, with what its `rtpmap` (or RFC 3551, when static) says. */
export interface AudioFormat {
  payloadType: number;
  /** As the peer spelled it; empty for a dynamic number without an `rtpmap`. */
  encodingName: string;
  /** RTP clock in Hz; 0 when unknown. */
  clockRate: number;
  channels: number;
  fmtp?: string;
  /** The codec of ours that this is, when it is one. */
  codec?: CodecName;
}

/** Static audio payload types (RFC 3551, table 4), as `rtpmap` would spell them. */
const STATIC: readonly (readonly [payloadType: number, encoding: string])[] = [
  [0, 'PCMU/8000'],
  [3, 'GSM/8000'],
  [4, 'G723/8000'],
  [5, 'DVI4/8000'],
  [6, 'DVI4/16000'],
  [7, 'LPC/8000'],
  [8, 'PCMA/8000'],
  [9, 'G722/8000'],
  [10, 'L16/44100/2'],
  [11, 'L16/44100'],
  [12, 'QCELP/8000'],
  [13, 'CN/8000'],
  [14, 'MPA/90000'],
  [15, 'G728/8000'],
  [16, 'DVI4/11025'],
  [17, 'DVI4/22050'],
  [18, 'G729/8000'],
];

interface Encoding {
  encodingName: string;
  clockRate: number;
  channels: number;
}

const STATIC_ENCODINGS: ReadonlyMap<number, Encoding> = new Map(
  STATIC.map(([payloadType, encoding]) => [payloadType, readEncoding(encoding)]),
);

/**
 * The formats of an audio line in its order. A static number means what RFC 3551 says, whatever an `rtpmap`
 * claims about its clock (some phones write `G722/16000` for 9). Formats that are no payload type
 * (0–127) are left out.
 *
 * @param known mappings to fall back on for dynamic numbers without an `rtpmap`: devices answer that way.
 */
export function audioFormats(media: SdpMedia, known: readonly AudioFormat[] = []): AudioFormat[] {
  const maps = byPayloadType(attributeValues(media, 'rtpmap'));
  const parameters = byPayloadType(attributeValues(media, 'fmtp'));
  const formats: AudioFormat[] = [];
  for (const format of media.formats) {
    const payloadType = /^\d{1,3}$/.test(format) ? Number(format) : 128;
    if (payloadType > 127) continue;
    const fallback = known.find((candidate) => candidate.payloadType === payloadType);
    const mapped = maps.get(payloadType);
    const read =
      STATIC_ENCODINGS.get(payloadType) ??
      (mapped === undefined && fallback
        ? { encodingName: fallback.encodingName, clockRate: fallback.clockRate, channels: fallback.channels }
        : readEncoding(mapped ?? ''));
    const fmtp = parameters.get(payloadType);
    const codec = codecOf(read);
    formats.push({
      payloadType,
      ...read,
      ...(fmtp === undefined ? {} : { fmtp }),
      ...(codec === undefined ? {} : { codec }),
    });
  }
  return formats;
}

/** The first telephone-event format with that clock (RFC 4733: events share the clock of the audio). */
export function findTelephoneEvent(
  formats: readonly AudioFormat[],
  clockRate: number,
): AudioFormat | undefined {
  return formats.find((format) => isTelephoneEvent(format) && format.clockRate === clockRate);
}

/** Whether the format carries named telephone events (RFC 4733). */
export function isTelephoneEvent(format: AudioFormat): boolean {
  return format.encodingName.toLowerCase() === 'telephone-event';
}

/** How people call the format: our canonical name, or the peer's spelling (with the clock where ours differs). */
export function formatName(format: AudioFormat): string {
  if (format.codec) return format.codec;
  if (format.encodingName === '') return `payload type ${format.payloadType}`;
  const lookalike = canonicalCodecName(format.encodingName) !== undefined || format.clockRate !== 8000;
  if (!lookalike) return format.encodingName;
  const channels = format.channels > 1 ? `/${format.channels}` : '';
  return `${format.encodingName}/${format.clockRate}${channels}`;
}

function byPayloadType(values: readonly string[]): Map<number, string> {
  const map = new Map<number, string>();
  for (const value of values) {
    const match = /^(\d{1,3})\s+(.*)$/s.exec(value);
    if (!match) continue;
    const [, number, rest] = match as unknown as [string, string, string];
    if (!map.has(Number(number))) map.set(Number(number), rest.trim());
  }
  return map;
}

function readEncoding(text: string): Encoding {
  const [name = '', clock = '', channels = ''] = text.split('/').map((part) => part.trim());
  return {
    encodingName: name,
    clockRate: /^\d{1,6}$/.test(clock) ? Number(clock) : 0,
    channels: /^\d{1,2}$/.test(channels) ? Math.max(1, Number(channels)) : 1,
  };
}

function codecOf(read: Encoding): CodecName | undefined {
  const name = canonicalCodecName(read.encodingName);
  if (name === undefined || CODECS[name].clockRate !== read.clockRate) return undefined;
  // RFC 7587 demands "/2"; peers that forget it mean the same codec.
  if (name === 'OPUS') return name;
  return CODECS[name].rtpmapChannels === read.channels ? name : undefined;
}
