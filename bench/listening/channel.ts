import { LISTENING_RATE, Resampler, toInt16 } from '../../lib/audio';
import { seededRandom } from '../../test/support/random';
import type { LineCodec, Received } from './codecs';

/** Rate of the sounds before they go into a line, Hz. */
export const SOUND_RATE = 16_000;

/** What a line does to a prompt. */
export interface Line {
  readonly codec: LineCodec;
  /** Change of the level, dB. */
  readonly gainDb?: number;
  /** White noise this much below the prompt, dB. */
  readonly snrDb?: number;
  /** Share of packets that are lost, 0 to 1; they come singly and in pairs. */
  readonly loss?: number;
  /** How much faster the sender's clock runs, parts of a million. */
  readonly ppm?: number;
  /** Jumps of the receiver's buffer, in milliseconds: audio that is left out (negative) or silence that is put in. */
  readonly slipsMs?: readonly number[];
  /** Another voice that speaks over the prompt, and its level relative to it in dB. */
  readonly talk?: { readonly name: string; readonly voice: Int16Array; readonly db: number };
  /** Beginning of the prompt that is not sent, milliseconds. */
  readonly cutMs?: number;
  /** What else happens to the audio before it is encoded, at `SOUND_RATE`. */
  readonly change?: (audio: Int16Array) => Int16Array;
  readonly seed: number;
}

/** A prompt as it was received, at 8 kHz, and where it lies in truth. */
export interface Heard extends Received {
  /** First sample of the prompt, also when that was cut off, and the end of it, milliseconds. */
  startMs: number;
  endMs: number;
}

const TAIL_S = 0.8;

/** Sends a prompt through a line, with silence before and after it. */
export async function sendThrough(prompt: Int16Array, line: Line): Promise<Heard> {
  const random = seededRandom(line.seed);
  const lead = Math.round((0.2 + random()) * SOUND_RATE);
  const spoken = new Int16Array(lead + prompt.length + TAIL_S * SOUND_RATE);
  const cut = Math.round(((line.cutMs ?? 0) / 1000) * SOUND_RATE);
  spoken.set(prompt.subarray(cut), lead + cut);
  scale(spoken, 10 ** ((line.gainDb ?? 0) / 20));
  const power = powerOf(spoken.subarray(lead, lead + prompt.length));
  if (line.talk) mixIn(spoken, line.talk.voice, lead, power * 10 ** (line.talk.db / 10));
  if (line.snrDb !== undefined) addNoise(spoken, power * 10 ** (-line.snrDb / 10), random);
  const stretch = 1 - (line.ppm ?? 0) / 1e6;
  const skewed = line.ppm ? skew(spoken, stretch) : spoken;
  const received = await carry(line.change?.(skewed) ?? skewed, line, random);
  const heard = slip(received, line.slipsMs ?? [], random, lead, prompt.length);
  const ms = (samples: number): number => ((samples * stretch) / SOUND_RATE) * 1000;
  return { ...heard, startMs: ms(lead), endMs: ms(lead + prompt.length) + heard.addedMs };
}

async function carry(audio: Int16Array, line: Line, random: () => number): Promise<Received> {
  const { codec, loss = 0 } = line;
  const { samples, lost } = await codec.carry(convert(audio, SOUND_RATE, codec.rate), () => random() < loss);
  const factor = codec.rate / LISTENING_RATE;
  const at8 = convert(samples, codec.rate, LISTENING_RATE);
  return { samples: at8, lost: Uint8Array.from(at8, (_, i) => lost[i * factor] ?? 0) };
}

/** Jumps at random places within the prompt, as far from each other as there is room. */
function slip(
  { samples, lost }: Received,
  slipsMs: readonly number[],
  random: () => number,
  lead: number,
  length: number,
): Received & { addedMs: number } {
  const factor = LISTENING_RATE / SOUND_RATE;
  let result = { samples, lost };
  let addedMs = 0;
  slipsMs.forEach((ms, index) => {
    const part = (index + 0.25 + random() / 2) / slipsMs.length;
    const at = Math.round((lead + part * length) * factor + addedMs * 8);
    result = jump(result, at, Math.round(ms * 8));
    addedMs += ms;
  });
  return { ...result, addedMs };
}

function jump({ samples, lost }: Received, at: number, added: number): Received {
  const next = added > 0 ? at : at - added;
  const pause = Math.max(0, added);
  const result = {
    samples: new Int16Array(samples.length + added),
    lost: new Uint8Array(samples.length + added),
  };
  result.samples.set(samples.subarray(0, at));
  result.lost.set(lost.subarray(0, at));
  result.lost.fill(1, at, at + pause);
  result.samples.set(samples.subarray(next), at + pause);
  result.lost.set(lost.subarray(next), at + pause);
  return result;
}

/** Changes the sample rate. */
export function convert(audio: Int16Array, from: number, to: number): Int16Array {
  if (from === to) return audio;
  const resampler = new Resampler(from, to);
  const first = resampler.push(Float32Array.from(audio, (sample) => sample / 32_768)).slice();
  const rest = resampler.end();
  const result = new Int16Array(first.length + rest.length);
  toInt16(first, result);
  toInt16(rest, result, first.length);
  return result;
}

function scale(audio: Int16Array, factor: number): void {
  for (let i = 0; i < audio.length; i++) audio[i] = Math.round(audio[i] * factor);
}

/** Mean power of the steps of 20 ms that are within 30 dB of the loudest. */
export function powerOf(audio: Int16Array): number {
  const step = SOUND_RATE / 50;
  const powers: number[] = [];
  for (let from = 0; from + step <= audio.length; from += step) {
    let sum = 0;
    for (let i = from; i < from + step; i++) sum += audio[i] * audio[i];
    powers.push(sum / step);
  }
  const loudest = Math.max(...powers);
  const active = powers.filter((power) => power > loudest / 1000);
  return active.reduce((sum, power) => sum + power, 0) / active.length;
}

function mixIn(audio: Int16Array, voice: Int16Array, from: number, power: number): void {
  const factor = Math.sqrt(power / powerOf(voice));
  for (let i = from; i < audio.length; i++) {
    audio[i] = clip(audio[i] + factor * voice[(i - from) % voice.length]);
  }
}

function addNoise(audio: Int16Array, power: number, random: () => number): void {
  const deviation = Math.sqrt(power);
  for (let i = 0; i < audio.length; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    audio[i] = clip(audio[i] + deviation * radius * Math.cos(2 * Math.PI * random()));
  }
}

function skew(audio: Int16Array, stretch: number): Int16Array {
  return Int16Array.from({ length: Math.floor(audio.length * stretch) - 1 }, (_, i) => {
    const position = i / stretch;
    const before = Math.floor(position);
    const weight = position - before;
    return Math.round(audio[before] * (1 - weight) + (audio[before + 1] ?? 0) * weight);
  });
}

function clip(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
