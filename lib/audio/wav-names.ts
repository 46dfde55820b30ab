/** Names of unsupported formats, for errors about files that are no readable WAV. */

/** Registered WAVE format tags (RFC 2361) that turn up in practice. */
const FORMAT_TAGS: Readonly<Record<number, string>> = {
  0x0000: 'an unspecified format',
  0x0002: 'Microsoft ADPCM',
  0x0005: 'IBM CVSD',
  0x0010: 'OKI ADPCM',
  0x0031: 'GSM 06.10',
  0x0040: 'G.721 ADPCM',
  0x0042: 'G.723.1',
  0x0045: 'G.726 ADPCM',
  0x0050: 'MPEG layer 1 or 2',
  0x0055: 'MP3',
  0x0064: 'G.726 ADPCM',
  0x0065: 'G.722 ADPCM',
  0x0083: 'G.729',
  0x00ff: 'AAC',
  0x0161: 'Windows Media Audio',
  0x1610: 'AAC',
  0x674f: 'Ogg Vorbis',
  0x704f: 'Opus',
  0xf1ac: 'FLAC',
};

/** Signatures of other file formats, with a predicate for each. */
const SIGNATURES: readonly (readonly [signature: RegExp, name: string])[] = [
  [/^ID3/, 'is an MP3 file'],
  [/^\xff[\xe2-\xfb]/, 'is an MP3 file'],
  [/^OggS/, 'is an Ogg file'],
  [/^fLaC/, 'is a FLAC file'],
  [/^FORM/, 'is an AIFF file'],
  [/^\.snd/, 'is an AU file'],
  [/^caff/, 'is a CAF file'],
  [/^riff/, 'is a Wave64 file'],
  [/^....ftyp/s, 'is an MP4 file'],
  [/^.E\xdf\xa3/s, 'is a Matroska or WebM file'],
  [/^\s*<(!doctype|html|\?xml)/i, 'is a web page'],
  [/^\s*[{[]/, 'is a text or JSON file'],
];

/** The name of a WAVE format tag, with its number. */
export function formatTagName(tag: number): string {
  const hex = `format tag 0x${tag.toString(16).padStart(4, '0')}`;
  const name = FORMAT_TAGS[tag];
  return name ? `${name} (${hex})` : `an unknown format (${hex})`;
}

/** Kind of a file by its first 12 bytes, as a predicate: "is an MP3 file"; undefined when unknown. */
export function signatureName(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, 12));
  return SIGNATURES.find(([signature]) => signature.test(text))?.[1];
}
