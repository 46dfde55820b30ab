import { PCMA_TO_LINEAR, PCMU_TO_LINEAR } from './g711';
import { decodeImaBlock, imaFramesInBlock } from './ima-adpcm';
import type { WavFormat } from './wav-header';

/** Larger float samples are garbage; cut before the filter, where they would drown everything else. */
const FLOAT_LIMIT = 8;

/** Reads one sample of one channel, scaled so that full scale is 1. */
type SampleReader = (view: DataView, offset: number) => number;

/**
 * Turns the data bytes of a WAV file, in pieces of any length, into mono audio: samples of all channels
 * averaged, full scale 1. Frames and blocks that straddle two pieces are put together.
 */
export class SampleDecoder {
  readonly #unitBytes: number;
  readonly #decodeUnits: (bytes: Uint8Array, units: number, output: Float32Array) => number;
  readonly #framesPerUnit: number;
  readonly #carry: Uint8Array;
  #carried = 0;
  #output = new Float32Array(0);

  /** @param format as `parseWavHeader` returns it; not RIFX, which `simplifyWav` turns into RIFF first. */
  constructor(private readonly format: WavFormat) {
    const adpcm = format.encoding === 'ima-adpcm';
    this.#unitBytes = format.blockAlign;
    this.#framesPerUnit = adpcm ? imaFramesInBlock(format.blockAlign, format.channels) : 1;
    this.#decodeUnits = adpcm ? imaUnits(format) : frameUnits(format);
    this.#carry = new Uint8Array(this.#unitBytes);
  }

  /** @returns the audio that these bytes complete; valid until the next call. */
  decode(bytes: Uint8Array): Float32Array {
    const units = Math.floor((this.#carried + bytes.length) / this.#unitBytes);
    this.#reserve(units * this.#framesPerUnit);
    let offset = 0;
    let frames = 0;
    if (this.#carried > 0) {
      offset = Math.min(this.#unitBytes - this.#carried, bytes.length);
      this.#carry.set(bytes.subarray(0, offset), this.#carried);
      this.#carried += offset;
      if (this.#carried < this.#unitBytes) return this.#output.subarray(0, 0);
      frames = this.#decodeUnits(this.#carry, 1, this.#output);
      this.#carried = 0;
    }
    const whole = Math.floor((bytes.length - offset) / this.#unitBytes);
    frames += this.#decodeUnits(bytes.subarray(offset), whole, this.#output.subarray(frames));
    const rest = bytes.subarray(offset + whole * this.#unitBytes);
    this.#carry.set(rest);
    this.#carried = rest.length;
    return this.#output.subarray(0, frames);
  }

  /** @returns what a last, short block of a compressed file still holds. A last half frame is dropped. */
  end(): Float32Array {
    if (this.format.encoding !== 'ima-adpcm') return this.#output.subarray(0, 0);
    const rest = this.#carry.subarray(0, this.#carried);
    this.#carried = 0;
    this.#reserve(this.#framesPerUnit);
    return this.#output.subarray(0, this.#decodeUnits(rest, 1, this.#output));
  }

  #reserve(frames: number): void {
    if (this.#output.length < frames) this.#output = new Float32Array(frames);
  }
}

function frameUnits(format: WavFormat) {
  const { channels, blockAlign } = format;
  const read = sampleReader(format);
  const sampleBytes = blockAlign / channels;
  return (bytes: Uint8Array, units: number, output: Float32Array): number => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let offset = 0;
    for (let frame = 0; frame < units; frame++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++, offset += sampleBytes) sum += read(view, offset);
      output[frame] = sum / channels;
    }
    return units;
  };
}

function imaUnits(format: WavFormat) {
  const { channels, blockAlign } = format;
  const samples = new Int16Array(imaFramesInBlock(blockAlign, channels) * channels);
  return (bytes: Uint8Array, units: number, output: Float32Array): number => {
    let frames = 0;
    for (let unit = 0; unit < units; unit++) {
      const count = decodeImaBlock(
        bytes.subarray(unit * blockAlign, (unit + 1) * blockAlign),
        channels,
        samples,
      );
      for (let frame = 0; frame < count; frame++) {
        let sum = 0;
        for (let channel = 0; channel < channels; channel++) sum += samples[frame * channels + channel];
        output[frames++] = sum / channels / 32_768;
      }
    }
    return frames;
  };
}

/** PCM samples fill the upper bits of their bytes, so the width of the container alone decides about scale. */
function sampleReader({ encoding, blockAlign, channels }: WavFormat): SampleReader {
  if (encoding === 'alaw') return (view, at) => PCMA_TO_LINEAR[view.getUint8(at)] / 32_768;
  if (encoding === 'mulaw') return (view, at) => PCMU_TO_LINEAR[view.getUint8(at)] / 32_768;
  const bytes = blockAlign / channels;
  if (encoding === 'float') {
    return bytes === 8
      ? (view, at) => sane(view.getFloat64(at, true))
      : (view, at) => sane(view.getFloat32(at, true));
  }
  switch (bytes) {
    case 1:
      return (view, at) => (view.getUint8(at) - 128) / 128;
    case 2:
      return (view, at) => view.getInt16(at, true) / 32_768;
    case 3:
      return (view, at) => (view.getUint8(at) | (view.getInt16(at + 1, true) << 8)) / 8_388_608;
    default:
      return (view, at) => view.getInt32(at, true) / 2_147_483_648;
  }
}

function sane(sample: number): number {
  return Number.isNaN(sample) ? 0 : Math.max(-FLOAT_LIMIT, Math.min(FLOAT_LIMIT, sample));
}
