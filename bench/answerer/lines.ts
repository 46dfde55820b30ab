import { Resampler, toInt16 } from '../../lib/audio';
import { LINE_CODECS, type LineCodec, type Received } from '../listening/codecs';
import { RATE } from './voices';

/** What a line does to audio. */
export interface Line {
  readonly name: string;
  readonly codec: string;
  readonly gainDb: number;
  /** Level of white noise, dBFS. */
  readonly noiseDbfs: number;
  /** Share of packets that are lost, 0 to 1, in bursts of one to three. */
  readonly loss: number;
}

export const LINES: readonly Line[] = [
  { name: 'PCMU', codec: 'PCMU', gainDb: 0, noiseDbfs: -70, loss: 0 },
  { name: 'PCMA, 12 dB softer', codec: 'PCMA', gainDb: -12, noiseDbfs: -65, loss: 0 },
  { name: 'G.722, 6 dB louder', codec: 'G722', gainDb: 6, noiseDbfs: -55, loss: 0 },
  { name: 'Opus', codec: 'OPUS', gainDb: 0, noiseDbfs: -60, loss: 0 },
  { name: 'noise 20 dB below', codec: 'PCMU', gainDb: 0, noiseDbfs: -40, loss: 0 },
  { name: 'noise 12 dB below', codec: 'PCMU', gainDb: 0, noiseDbfs: -32, loss: 0 },
  { name: '5 % lost', codec: 'PCMA', gainDb: 0, noiseDbfs: -60, loss: 0.05 },
  { name: '20 % lost', codec: 'PCMA', gainDb: 0, noiseDbfs: -60, loss: 0.2 },
];

/** What comes out of a line, at 8 kHz. */
export async function over(line: Line, samples: Int16Array, random: () => number): Promise<Received> {
  const gain = 10 ** (line.gainDb / 20);
  // White noise between −1 and 1 has an RMS of 1/√3.
  const noise = 32_768 * 10 ** (line.noiseDbfs / 20) * Math.sqrt(3);
  const noisy = samples.map((value) => clip(value * gain + (random() * 2 - 1) * noise));
  const codec = codecOf(line.codec);
  const received = await codec.carry(convert(noisy, RATE, codec.rate), losses(line.loss, random));
  const factor = codec.rate / RATE;
  const at8 = convert(received.samples, codec.rate, RATE);
  return { samples: at8, lost: Uint8Array.from(at8, (_, i) => received.lost[i * factor] ?? 0) };
}

function codecOf(name: string): LineCodec {
  const codec = LINE_CODECS.find((known) => known.name === name);
  if (!codec) throw new Error(`there is no codec ${name}`);
  return codec;
}

function losses(share: number, random: () => number): () => boolean {
  let burst = 0;
  return () => {
    if (burst === 0 && random() < share / 2) burst = 1 + Math.floor(random() * 3);
    if (burst === 0) return false;
    burst--;
    return true;
  };
}

function clip(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}

/** Changes the sample rate. */
function convert(audio: Int16Array, from: number, to: number): Int16Array {
  if (from === to) return audio;
  const resampler = new Resampler(from, to);
  const first = resampler.push(Float32Array.from(audio, (sample) => sample / 32_768)).slice();
  const rest = resampler.end();
  const result = new Int16Array(first.length + rest.length);
  toInt16(first, result);
  toInt16(rest, result, first.length);
  return result;
}
