import { readFileSync, writeFileSync } from 'node:fs';

/** Writes a mono 16-bit WAV with a sine at 8 kHz and returns its path. */
export function writeTone(path: string, seconds: number, hertz = 440): string {
  const rate = 8000;
  const samples = Math.round(seconds * rate);
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write('RIFF', 0, 'ascii');
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write('WAVEfmt ', 8, 'ascii');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'ascii');
  bytes.writeUInt32LE(samples * 2, 40);
  for (let n = 0; n < samples; n++) {
    bytes.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * hertz * n) / rate)), 44 + n * 2);
  }
  writeFileSync(path, bytes);
  return path;
}

export interface Wav {
  rate: number;
  channels: Float64Array[];
}

/** Reads a 16-bit PCM WAV into channels of samples from -1 to 1; throws when it is none. */
export function readWav(path: string): Wav {
  const bytes = readFileSync(path);
  if (bytes.toString('ascii', 0, 4) !== 'RIFF' || bytes.toString('ascii', 8, 12) !== 'WAVE') {
    throw new Error(`${path} is no WAV file`);
  }
  let format: { channels: number; rate: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = bytes.toString('ascii', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const body = at + 8;
    if (name === 'fmt ') {
      if (bytes.readUInt16LE(body + 14) !== 16) throw new Error(`${path} is not 16-bit PCM`);
      format = { channels: bytes.readUInt16LE(body + 2), rate: bytes.readUInt32LE(body + 4) };
    }
    if (name === 'data' && format) {
      const { channels, rate } = format;
      const frames = Math.floor(Math.min(size, bytes.length - body) / 2 / channels);
      const split = Array.from({ length: channels }, (_, c) =>
        Float64Array.from(
          { length: frames },
          (_, n) => bytes.readInt16LE(body + 2 * (n * channels + c)) / 32768,
        ),
      );
      return { rate, channels: split };
    }
    at = body + size + (size % 2);
  }
  throw new Error(`${path} has no audio`);
}

/** Root mean square of samples in dBFS. */
export function levelDbfs(samples: Float64Array): number {
  const energy = samples.reduce((sum, x) => sum + x * x, 0) / Math.max(1, samples.length);
  return 10 * Math.log10(energy || Number.MIN_VALUE);
}

/**
 * Best normalised correlation of `pattern` anywhere inside `samples`, 0 to 1. Every fourth lag is tried
 * first, then the neighbourhood of the best, which is exact enough for audio below 2 kHz.
 */
export function bestCorrelation(samples: Float64Array, pattern: Float64Array): number {
  const patternEnergy = pattern.reduce((sum, x) => sum + x * x, 0);
  const at = (lag: number): number => {
    let dot = 0;
    let energy = 0;
    for (let n = 0; n < pattern.length; n++) {
      const sample = samples[lag + n] ?? 0;
      dot += sample * (pattern[n] ?? 0);
      energy += sample * sample;
    }
    return energy === 0 ? 0 : dot / Math.sqrt(energy * patternEnergy);
  };
  // A call that ends with the pattern may lose some of its last packet: a tenth may hang over the end.
  const lastLag = samples.length - Math.round(pattern.length * 0.9);
  let bestLag = 0;
  let best = -1;
  const consider = (lag: number): void => {
    if (lag < 0 || lag > lastLag) return;
    const value = at(lag);
    if (value > best) [best, bestLag] = [value, lag];
  };
  for (let lag = 0; lag <= lastLag; lag += 4) consider(lag);
  for (let lag = bestLag - 4; lag <= bestLag + 4; lag++) consider(lag);
  return best;
}
