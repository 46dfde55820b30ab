import { WaveFile } from 'wavefile';
import { SipflowError } from '../common';
import { bytesSource, MAX_READ_BYTES, parseWavHeader, type ByteSource, type WavFormat } from './wav-header';

/** Rare formats are rewritten in memory, which costs three times their size; larger files are refused. */
export const RARE_WAV_LIMIT_BYTES = 32 * 1024 * 1024;

/**
 * Rewrites a WAV file of a rare kind (RIFX, the big-endian container) as the RIFF that the streaming
 * converter reads, by means of the `wavefile` package. Any other source comes back as it is, unread.
 *
 * @throws SipflowError BAD_AUDIO when the source is no WAV file or too large for this detour.
 */
export function simplifyWav(source: ByteSource): ByteSource {
  const format = parseWavHeader(source);
  if (format.container !== 'RIFX') return source;
  if (source.size > RARE_WAV_LIMIT_BYTES) {
    throw new SipflowError(
      'BAD_AUDIO',
      `The audio is a big-endian WAV file (RIFX) of ${Math.round(source.size / 1e6)} MB; convert files above ${RARE_WAV_LIMIT_BYTES / 1_048_576} MB to RIFF first.`,
    );
  }
  return bytesSource(toRiff(readSamples(source, format), format));
}

/**
 * The package only writes the new file. Its reader follows nested lists again and again, so that thirty empty
 * ones would keep it busy for hours, and its `toRIFF` takes up to four microseconds per sample; neither may
 * hold up the files of other calls.
 */
function toRiff(samples: Uint8Array, format: WavFormat): Uint8Array {
  const wav = new WaveFile();
  wav.fromScratch(format.channels, format.sampleRate, depthOf(format), []);
  Object.assign(wav.data, { samples, chunkSize: samples.length });
  return wav.toBuffer();
}

/** Bit depth code of the package. PCM fills the upper bits of its bytes, so their number is the depth. */
function depthOf({ encoding, blockAlign, channels }: WavFormat): string {
  const bits = (8 * blockAlign) / channels;
  switch (encoding) {
    case 'pcm':
      return String(bits);
    case 'float':
      return bits === 32 ? '32f' : '64';
    case 'alaw':
      return '8a';
    case 'mulaw':
      return '8m';
    case 'ima-adpcm':
      throw new SipflowError(
        'BAD_AUDIO',
        'The audio is IMA ADPCM in a big-endian WAV file (RIFX), which no program agrees upon; convert it to RIFF.',
      );
  }
}

/** The samples with the bytes of each turned round. */
function readSamples(
  source: ByteSource,
  { dataOffset, dataBytes, blockAlign, channels }: WavFormat,
): Uint8Array {
  const bytes = new Uint8Array(dataBytes - (dataBytes % blockAlign));
  for (let offset = 0; offset < bytes.length;) {
    const piece = source.read(dataOffset + offset, Math.min(MAX_READ_BYTES, bytes.length - offset));
    if (piece.length === 0) break;
    bytes.set(piece, offset);
    offset += piece.length;
  }
  turnRound(bytes, blockAlign / channels);
  return bytes;
}

function turnRound(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else if (width === 8) buffer.swap64();
  else if (width === 3) {
    for (let i = 0; i < bytes.length; i += 3) {
      const first = bytes[i];
      bytes[i] = bytes[i + 2];
      bytes[i + 2] = first;
    }
  }
}
