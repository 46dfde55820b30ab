import { parseWavHeader, wavDurationMs } from '../../audio/wav-header';
import { SipflowError } from '../../common/errors';
import type { OpenSource } from './sources';

/** A file as 16-bit mono samples of the wanted rate, read in order. */
export interface PcmReader {
  readonly durationMs: number;
  /** The next samples, fewer than `count` only at the end. */
  read(count: number): Int16Array;
}

/** Opens a WAV for reading at `sampleRate`. Throws BAD_AUDIO. */
export function openPcm(source: OpenSource, sampleRate: number, strict: boolean): PcmReader {
  const format = parseWavHeader(source);
  if (
    format.encoding !== 'pcm' ||
    format.bitsPerSample !== 16 ||
    format.channels !== 1 ||
    format.sampleRate !== sampleRate
  ) {
    throw new SipflowError(
      'BAD_AUDIO',
      `${source.name} would have to be converted${strict ? ' (strict)' : ''}.`,
    );
  }
  let position = format.dataOffset;
  const end = format.dataOffset + format.dataBytes;
  return {
    durationMs: wavDurationMs(format),
    read(count) {
      const bytes = source.read(position, Math.min(count * 2, end - position));
      position += bytes.length;
      return new Int16Array(Uint8Array.from(bytes).buffer);
    },
  };
}
