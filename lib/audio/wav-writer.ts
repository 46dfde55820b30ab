import { SipflowError } from '../common';

/** A PCM 16-bit file to be written. */
export interface WavWriterFormat {
  /** Sample rate in Hz. */
  sampleRate: number;
  /** 1 = mono, 2 = stereo with left first. */
  channels: number;
}

/**
 * Length of every header that `writeWavHeader` makes, so that a header can be rewritten in place while the
 * file grows past 4 GB: room for the RF64 sizes is kept in a `JUNK` chunk from the start (EBU Tech 3306).
 */
export const WAV_HEADER_BYTES = 80;

const DS64_BYTES = 28;
const MAX_32_BIT = 0xffffffff;

/**
 * Writes the header of a 16-bit PCM file that holds `dataBytes` bytes of samples into the first
 * `WAV_HEADER_BYTES` of `target`; call it again with the new size to patch the file (pitfall 11). The
 * container is RIFF as long as sizes fit 32 bits, and RF64 beyond.
 *
 * @param dataBytes a multiple of the frame size, so the file never ends in half a frame.
 * @throws SipflowError INTERNAL for sizes, rates or channel counts that no file can have.
 */
export function writeWavHeader(target: Uint8Array, format: WavWriterFormat, dataBytes: number): void {
  const { sampleRate, channels } = format;
  const blockAlign = channels * 2;
  if (!(sampleRate >= 1 && sampleRate <= MAX_32_BIT) || !(channels >= 1 && channels <= 64)) {
    throw new SipflowError('INTERNAL', `A WAV file cannot have ${channels} channels at ${sampleRate} Hz.`);
  }
  if (!Number.isSafeInteger(dataBytes) || dataBytes < 0 || dataBytes % blockAlign !== 0) {
    throw new SipflowError(
      'INTERNAL',
      `A WAV file cannot hold ${dataBytes} bytes of ${blockAlign}-byte frames.`,
    );
  }
  const riffBytes = WAV_HEADER_BYTES - 8 + dataBytes;
  const wide = riffBytes > MAX_32_BIT;
  const view = new DataView(target.buffer, target.byteOffset, WAV_HEADER_BYTES);
  target.fill(0, 0, WAV_HEADER_BYTES);

  putText(target, 0, wide ? 'RF64' : 'RIFF');
  view.setUint32(4, wide ? MAX_32_BIT : riffBytes, true);
  putText(target, 8, 'WAVE');

  putText(target, 12, wide ? 'ds64' : 'JUNK');
  view.setUint32(16, DS64_BYTES, true);
  if (wide) {
    putUint64(view, 20, riffBytes);
    putUint64(view, 28, dataBytes);
    putUint64(view, 36, dataBytes / blockAlign);
  }

  putText(target, 48, 'fmt ');
  view.setUint32(52, 16, true);
  view.setUint16(56, 1, true);
  view.setUint16(58, channels, true);
  view.setUint32(60, sampleRate, true);
  view.setUint32(64, sampleRate * blockAlign, true);
  view.setUint16(68, blockAlign, true);
  view.setUint16(70, 16, true);

  putText(target, 72, 'data');
  view.setUint32(76, wide ? MAX_32_BIT : dataBytes, true);
}

/** A new header; see `writeWavHeader`. */
export function wavHeader(format: WavWriterFormat, dataBytes: number): Uint8Array {
  const header = new Uint8Array(WAV_HEADER_BYTES);
  writeWavHeader(header, format, dataBytes);
  return header;
}

function putText(target: Uint8Array, offset: number, text: string): void {
  for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i);
}

function putUint64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 0x1_0000_0000, true);
  view.setUint32(offset + 4, Math.floor(value / 0x1_0000_0000), true);
}
