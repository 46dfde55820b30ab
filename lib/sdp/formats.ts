import { canonicalCodecName, type CodecName, CODECS } from '../audio';
import { decimal, detached, isBlank, trimmed } from '../common';
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

/** Clock of telephone events when none is stated (RFC 4733, 2.1). */
export const USUAL_EVENT_CLOCK = 8000;

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

/** Encoding of a payload type, from its `rtpmap`. */
interface Encoding {
  readonly encodingName: string;
  readonly clockRate: number;
  readonly channels: number;
  readonly codec?: CodecName;
}

/** Encoding of a dynamic payload type without an `rtpmap`. */
const NO_ENCODING: Encoding = { encodingName: '', clockRate: 0, channels: 1 };

/** Size of the cache of encodings: calls name the same few. When strangers have filled it, it is cleared. */
const MAX_KNOWN_ENCODINGS = 500;
const MAX_KNOWN_LENGTH = 64;
const knownEncodings = new Map<string, Encoding>();

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
  const formats: AudioFormat[] = [];
  const maps = attributeValues(media, 'rtpmap');
  const parameters = attributeValues(media, 'fmtp');
  for (const name of media.formats) {
    const payloadType = decimal(name, 3);
    if (payloadType === undefined || payloadType > 127) continue;
    const { encodingName, clockRate, channels, codec } =
      STATIC_ENCODINGS.get(payloadType) ??
      mappedEncoding(name, maps) ??
      known.find((candidate) => candidate.payloadType === payloadType) ??
      NO_ENCODING;
    const format: AudioFormat = { payloadType, encodingName, clockRate, channels };
    const fmtp = valueFor(name, parameters);
    if (fmtp !== undefined) format.fmtp = fmtp;
    if (codec !== undefined) format.codec = codec;
    formats.push(format);
  }
  return formats;
}

/** By the list of payload types, which the first offers of a phone share. */
const offered = new WeakMap<readonly string[], AudioFormat[]>();

/** The formats of an audio line that we have written, read once for all offers that share its list. */
export function offeredAudioFormats(media: SdpMedia): AudioFormat[] {
  let formats = offered.get(media.formats);
  if (!formats) {
    formats = audioFormats(media);
    offered.set(media.formats, formats);
  }
  return formats;
}

/**
 * The telephone events for audio with that clock: those of the same clock (RFC 4733, 2.1: events share the timestamps
 * of the audio), else those of 8000, which is what many PBXs and phones name beside Opus, else any.
 */
export function suitableTelephoneEvent(
  formats: readonly AudioFormat[],
  clockRate: number,
): AudioFormat | undefined {
  return (
    findTelephoneEvent(formats, clockRate) ??
    findTelephoneEvent(formats, USUAL_EVENT_CLOCK) ??
    formats.find((format) => isTelephoneEvent(format) && format.clockRate > 0)
  );
}

/** The first telephone-event format with that clock. */
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

/** Name of the format for people: our canonical name, or the peer's spelling (with the clock where ours differs). */
export function formatName(format: AudioFormat): string {
  if (format.codec) return format.codec;
  if (format.encodingName === '') return `payload type ${format.payloadType}`;
  const lookalike = canonicalCodecName(format.encodingName) !== undefined || format.clockRate !== 8000;
  if (!lookalike) return format.encodingName;
  const channels = format.channels > 1 ? `/${format.channels}` : '';
  return `${format.encodingName}/${format.clockRate}${channels}`;
}

function mappedEncoding(name: string, maps: readonly string[]): Encoding | undefined {
  const mapped = valueFor(name, maps);
  return mapped === undefined ? undefined : knownEncoding(mapped);
}

/** Text of the first value `<payload type> <text>` for that payload type; `name` is how `m=` spells it. */
function valueFor(name: string, values: readonly string[]): string | undefined {
  for (const value of values) {
    if (value.startsWith(name) && isBlank(value.charCodeAt(name.length))) {
      return trimmed(value.slice(name.length + 1));
    }
  }
  return undefined;
}

function knownEncoding(text: string): Encoding {
  if (text.length > MAX_KNOWN_LENGTH) return readEncoding(text);
  let encoding = knownEncodings.get(text);
  if (!encoding) {
    if (knownEncodings.size >= MAX_KNOWN_ENCODINGS) knownEncodings.clear();
    const own = detached(text);
    encoding = readEncoding(own);
    knownEncodings.set(own, encoding);
  }
  return encoding;
}

function readEncoding(text: string): Encoding {
  const [encodingName = '', clock = '', rtpmapChannels = ''] = text.split('/').map(trimmed);
  const clockRate = decimal(clock, 6) ?? 0;
  const channels = Math.max(1, decimal(rtpmapChannels, 2) ?? 1);
  const codec = codecOf(encodingName, clockRate, channels);
  return { encodingName, clockRate, channels, ...(codec && { codec }) };
}

function codecOf(encodingName: string, clockRate: number, channels: number): CodecName | undefined {
  const name = canonicalCodecName(encodingName);
  if (name === undefined || CODECS[name].clockRate !== clockRate) return undefined;
  const { anyRtpmapChannels, rtpmapChannels } = CODECS[name];
  return anyRtpmapChannels || rtpmapChannels === channels ? name : undefined;
}
