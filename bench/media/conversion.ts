import { convertWav, convertWavBytes } from '../../lib/audio/convert';
import type { ByteSource } from '../../lib/audio/wav-header';
import { WAV_HEADER_BYTES, writeWavHeader } from '../../lib/audio/wav-writer';

/**
 * Figures of converting WAV files to 8 kHz mono, printed as one line of JSON. A process of its own, because
 * the memory that it takes is one of the figures.
 */
const RATE = 44100;
const TARGET = 8000;
const FULL = 32767;

/** A stereo file of so many seconds, made up while it is read, so that no disk is measured. */
function madeUp(seconds: number): ByteSource {
  const bytes = seconds * RATE * 4;
  const header = new Uint8Array(WAV_HEADER_BYTES);
  writeWavHeader(header, { sampleRate: RATE, channels: 2 }, bytes);
  const noise = new Uint8Array(1 << 16);
  for (let index = 0; index < noise.length; index++) noise[index] = (index * 2654435761) >>> 24;
  return {
    size: WAV_HEADER_BYTES + bytes,
    read(offset, length) {
      if (offset < WAV_HEADER_BYTES) return header.subarray(offset, offset + length);
      return noise.subarray(0, Math.min(length, noise.length, WAV_HEADER_BYTES + bytes - offset));
    },
  };
}

function timed(run: () => void): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}

function consume(source: ByteSource): void {
  for (const piece of convertWav(source, TARGET)) if (piece.length > TARGET * 60) throw new Error('too much');
}

/** Level in dBFS (0 = full-scale sine) of what a full-scale tone becomes. */
function levelOf(hz: number): number {
  const bytes = new Uint8Array(WAV_HEADER_BYTES + RATE * 2);
  writeWavHeader(bytes, { sampleRate: RATE, channels: 1 }, RATE * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < RATE; index++) {
    const value = Math.round(FULL * Math.sin((2 * Math.PI * hz * index) / RATE));
    view.setInt16(WAV_HEADER_BYTES + 2 * index, value, true);
  }
  const settled = convertWavBytes(bytes, TARGET).subarray(TARGET / 5, (TARGET * 4) / 5);
  const energy = settled.reduce((sum, sample) => sum + sample * sample, 0);
  return 20 * Math.log10(Math.max(1e-6, Math.sqrt((2 * energy) / settled.length) / FULL));
}

const aliases = [4700, 5000, 6000, 7900, 9000, 11000, 12100, 15000, 19900].map(levelOf);
const passband = [100, 300, 1000, 2000, 3000, 3300, 3400].map(levelOf);
const minuteMs = timed(() => consume(madeUp(60)));
const hourMs = timed(() => consume(madeUp(3600)));
console.log(
  JSON.stringify({
    resample: {
      aliasDbfs: Math.max(...aliases),
      passbandDb: Math.max(...passband.map(Math.abs)),
      ms: minuteMs,
    },
    hour: { rssMb: process.resourceUsage().maxRSS / 1024, ms: hourMs },
  }),
);
