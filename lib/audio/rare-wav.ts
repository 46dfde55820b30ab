import { WaveFile } from 'wavefile';
import { SipflowError } from '../common/errors';
import { bytesSource, MAX_READ_BYTES, parseWavHeader, type ByteSource } from './wav-header';

/** Rare formats are rewritten in memory, which costs many times their size; larger files are refused. */
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
  try {
    const wav = new WaveFile(readWhole(source));
    wav.toRIFF();
    return bytesSource(wav.toBuffer());
  } catch (cause) {
    throw new SipflowError(
      'BAD_AUDIO',
      'The audio is a damaged big-endian WAV file (RIFX); convert it to RIFF.',
      {
        cause,
      },
    );
  }
}

function readWhole(source: ByteSource): Uint8Array {
  const bytes = new Uint8Array(source.size);
  for (let offset = 0; offset < bytes.length;) {
    const piece = source.read(offset, Math.min(MAX_READ_BYTES, bytes.length - offset));
    if (piece.length === 0) break;
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}
