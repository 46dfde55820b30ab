import type { SipflowError } from '../common';
import { opusInstalled, opusMissing } from './opus';

/** Canonical codec names: upper case, as registered with IANA (pitfall 13). */
export type CodecName = 'PCMU' | 'PCMA' | 'G722' | 'L16' | 'OPUS';

/** Description of a codec for signalling, statistics and media; `lib/media/worker/codecs` implements it. */
export interface CodecDescription {
  readonly name: CodecName;
  /** Other spellings, upper case, without blanks and separators. */
  readonly aliases: readonly string[];
  /** Encoding name in `a=rtpmap` (RFC 3551, RFC 7587). */
  readonly encodingName: string;
  /** RTP clock rate in Hz, as SDP names it. G.722 says 8000 although it samples at 16 kHz (RFC 3551, 4.5.2). */
  readonly clockRate: number;
  /** Sample rate of the audio in Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Channel count written into `a=rtpmap`; Opus always says 2 (RFC 7587). */
  readonly rtpmapChannels: number;
  /** Whether peers that write another channel count, or none, mean the same codec. */
  readonly anyRtpmapChannels?: boolean;
  /** Static payload type of RFC 3551, when it has one. */
  readonly staticPayloadType?: number;
  /** Dynamic payload type that many devices use for it. */
  readonly usualPayloadType?: number;
  /** Format parameters of our descriptions (`a=fmtp`). */
  readonly fmtp?: string;
  /** Packet times that can be sent, milliseconds, longest first. */
  readonly packetTimes: readonly number[];
  /** Whether in-band DTMF tones survive the codec (pitfall 6). */
  readonly carriesTones: boolean;
  /** Look-ahead and filter delay of encoder and decoder together, milliseconds. */
  readonly algorithmMs: number;
  /** Whether the decoder has packet loss concealment of its own. */
  readonly concealsItself: boolean;
  /** Whether ITU-T G.113 gives its impairment figures, or G.711's stand in for it. */
  readonly rated: boolean;
  /** An optional package that it needs. */
  readonly needs?: { installed(): boolean; missing(): SipflowError };
}

/** Packet times that can be sent, longest first: multiples of 10 ms. */
const PACKET_TIMES = [60, 50, 40, 30, 20, 10];

/** Common properties of the mono waveform codecs. */
const WAVEFORM = {
  channels: 1,
  rtpmapChannels: 1,
  packetTimes: PACKET_TIMES,
  carriesTones: true,
  algorithmMs: 0,
  concealsItself: false,
  rated: false,
} as const;

const G711 = { ...WAVEFORM, clockRate: 8000, sampleRate: 8000, rated: true } as const;

export const CODECS: Readonly<Record<CodecName, CodecDescription>> = {
  PCMU: {
    ...G711,
    name: 'PCMU',
    aliases: ['G711U', 'G711MU', 'G711ULAW', 'G711MULAW', 'ULAW', 'MULAW'],
    encodingName: 'PCMU',
    staticPayloadType: 0,
  },
  PCMA: {
    ...G711,
    name: 'PCMA',
    aliases: ['G711A', 'G711ALAW', 'ALAW'],
    encodingName: 'PCMA',
    staticPayloadType: 8,
  },
  G722: {
    ...WAVEFORM,
    name: 'G722',
    aliases: [],
    encodingName: 'G722',
    clockRate: 8000,
    sampleRate: 16_000,
    staticPayloadType: 9,
    algorithmMs: 1.625,
  },
  L16: {
    ...WAVEFORM,
    name: 'L16',
    aliases: [],
    encodingName: 'L16',
    clockRate: 16_000,
    sampleRate: 16_000,
    usualPayloadType: 118,
  },
  OPUS: {
    name: 'OPUS',
    aliases: [],
    encodingName: 'opus',
    clockRate: 48_000,
    sampleRate: 48_000,
    channels: 1,
    rtpmapChannels: 2,
    // RFC 7587 demands "/2"; some peers forget it.
    anyRtpmapChannels: true,
    usualPayloadType: 107,
    fmtp: 'minptime=10;useinbandfec=1',
    // A frame holds 10, 20, 40 or 60 ms (RFC 6716, 2.1.4).
    packetTimes: [60, 40, 20, 10],
    carriesTones: false,
    algorithmMs: 6.5,
    concealsItself: true,
    rated: false,
    needs: { installed: opusInstalled, missing: opusMissing },
  },
};

/** The codec that every device knows: reference of the quality rating, and last resort of an offer. */
export const COMMON_CODEC: CodecName = 'PCMU';

const ALIASES = new Map<string, CodecName>();
for (const { name, aliases } of Object.values(CODECS)) {
  for (const spelling of [name, ...aliases]) ALIASES.set(spelling, name);
}

/**
 * Adds a codec to those of the package. Its encoder and decoder are registered in the media workers (`registerCoder`).
 *
 * @returns takes it out again
 */
export function registerCodec(description: CodecDescription): () => void {
  const { name, aliases } = description;
  const codecs: Record<string, CodecDescription> = CODECS;
  codecs[name] = description;
  for (const spelling of [name, ...aliases]) ALIASES.set(spelling, name);
  return () => {
    delete codecs[name];
    for (const spelling of [name, ...aliases]) ALIASES.delete(spelling);
  };
}

/** Clock rate and channels as `a=rtpmap` appends them. */
const SUFFIX = /\/(\d{1,6})(?:\/(\d{1,2}))?$/;

/**
 * The canonical name for any common spelling (`pcmu`, `G.711u`, `g711-a`, `µ-law`, `opus`, `PCMU/8000`),
 * or undefined when no codec of ours answers to it. A clock rate and channels, when the spelling names them,
 * must be those of the codec.
 */
export function canonicalCodecName(spelling: string): CodecName | undefined {
  // The usual spelling needs none of the five passes over the text.
  const known = ALIASES.get(spelling);
  if (known !== undefined) return known;
  const [, clockRate, channels] = SUFFIX.exec(spelling.trim()) ?? [];
  const key = spelling
    .trim()
    .replace(SUFFIX, '')
    .toUpperCase()
    .replace(/[\u00b5\u039c]/g, 'U')
    .replace(/[\s._/-]/g, '');
  const name = ALIASES.get(key);
  if (name === undefined) return undefined;
  if (clockRate !== undefined && Number(clockRate) !== CODECS[name].clockRate) return undefined;
  if (channels !== undefined && Number(channels) !== CODECS[name].rtpmapChannels) return undefined;
  return name;
}
