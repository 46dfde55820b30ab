/** Canonical codec names: upper case, as registered with IANA (pitfall 13). */
export type CodecName = 'PCMU' | 'PCMA' | 'G722' | 'L16' | 'OPUS';

export interface CodecDescription {
  readonly name: CodecName;
  /** How SDP spells the encoding in `a=rtpmap` (RFC 3551, RFC 7587). */
  readonly encodingName: string;
  /** RTP clock rate in Hz, as SDP names it. G.722 says 8000 although it samples at 16 kHz (RFC 3551, 4.5.2). */
  readonly clockRate: number;
  /** Sample rate of the audio in Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Channel count written into `a=rtpmap`; Opus always says 2 (RFC 7587). */
  readonly rtpmapChannels: number;
  /** Static payload type of RFC 3551, when it has one. */
  readonly staticPayloadType?: number;
  /** Whether in-band DTMF tones survive the codec (pitfall 6). */
  readonly carriesTones: boolean;
}

export const CODECS: Readonly<Record<CodecName, CodecDescription>> = {
  PCMU: codec('PCMU', 'PCMU', 8000, 8000, 0, true),
  PCMA: codec('PCMA', 'PCMA', 8000, 8000, 8, true),
  G722: codec('G722', 'G722', 8000, 16000, 9, true),
  L16: codec('L16', 'L16', 16000, 16000, undefined, true),
  OPUS: { ...codec('OPUS', 'opus', 48000, 48000, undefined, false), rtpmapChannels: 2 },
};

const ALIASES: Readonly<Record<string, CodecName>> = {
  PCMU: 'PCMU',
  G711U: 'PCMU',
  G711MU: 'PCMU',
  G711ULAW: 'PCMU',
  G711MULAW: 'PCMU',
  ULAW: 'PCMU',
  MULAW: 'PCMU',
  PCMA: 'PCMA',
  G711A: 'PCMA',
  G711ALAW: 'PCMA',
  ALAW: 'PCMA',
  G722: 'G722',
  L16: 'L16',
  OPUS: 'OPUS',
};

/** Clock rate and channels as `a=rtpmap` appends them. */
const SUFFIX = /\/(\d{1,6})(?:\/(\d{1,2}))?$/;

/**
 * The canonical name for any common spelling (`pcmu`, `G.711u`, `g711-a`, `µ-law`, `opus`, `PCMU/8000`),
 * or undefined when no codec of ours answers to it. A clock rate and channels, when the spelling names them,
 * must be those of the codec.
 */
export function canonicalCodecName(spelling: string): CodecName | undefined {
  // Our own and most peers' spelling needs none of the five passes over the text.
  if (Object.hasOwn(ALIASES, spelling)) return ALIASES[spelling];
  const [, clockRate, channels] = SUFFIX.exec(spelling.trim()) ?? [];
  const key = spelling
    .trim()
    .replace(SUFFIX, '')
    .toUpperCase()
    .replace(/[\u00b5\u039c]/g, 'U')
    .replace(/[\s._/-]/g, '');
  const name = Object.hasOwn(ALIASES, key) ? ALIASES[key] : undefined;
  if (name === undefined) return undefined;
  if (clockRate !== undefined && Number(clockRate) !== CODECS[name].clockRate) return undefined;
  if (channels !== undefined && Number(channels) !== CODECS[name].rtpmapChannels) return undefined;
  return name;
}

function codec(
  name: CodecName,
  encodingName: string,
  clockRate: number,
  sampleRate: number,
  staticPayloadType: number | undefined,
  carriesTones: boolean,
): CodecDescription {
  return {
    name,
    encodingName,
    clockRate,
    sampleRate,
    channels: 1,
    rtpmapChannels: 1,
    staticPayloadType,
    carriesTones,
  };
}
