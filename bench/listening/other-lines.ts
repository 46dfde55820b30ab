import { spawnSync } from 'node:child_process';
import { LISTENING_RATE } from '../../lib/audio';
import { seededRandom } from '../../test/support/random';
import { convert, SOUND_RATE } from './channel';

/** What another telephone or network does to audio at `SOUND_RATE`. */
export interface OtherLine {
  readonly name: string;
  readonly change: (audio: Int16Array) => Int16Array;
}

/** Steps of 20 ms. */
const STEP = SOUND_RATE / 50;
/** Constant offset of a cheap sound card. */
const OFFSET = 1500;
/** Gain control: the level it brings speech to (−20 dBFS), its greatest gain, and how it follows louder and softer speech. */
const WANTED = 3277;
const MOST_GAIN = 16;
const ATTACK = 0.5;
const RELEASE = 0.02;
/** Pauses end a transmission: what is so much softer than the loudest step (30 dB), for 200 ms; noise of −55 dBFS stands for it. */
const PAUSE_BELOW = 10 ** -1.5;
const HANGOVER_STEPS = 10;
/** A pause of at least 60 ms becomes longer or shorter. */
const LEAST_PAUSE_STEPS = 3;
const COMFORT = 32_768 * 10 ** (-55 / 20);

/** The lines that this machine can make: GSM needs ffmpeg with libgsm, AMR needs sox. */
export function otherLines(): OtherLine[] {
  const gsm = ['-f', 's16le', '-ar', '8000', '-ac', '1', '-i', '-', '-c:a', 'libgsm', '-f', 'gsm', '-'];
  const fromGsm = ['-f', 'gsm', '-i', '-', '-f', 's16le', '-ar', '8000', '-'];
  const raw = ['-t', 'raw', '-r', '8000', '-e', 'signed', '-b', '16', '-c', '1', '-'];
  const amr = ['-t', 'amr-nb', '-'];
  const quiet = ['-hide_banner', '-loglevel', 'error'];
  return [
    ...external('GSM full rate', ['ffmpeg', ...quiet, ...gsm], ['ffmpeg', ...quiet, ...fromGsm]),
    ...external('AMR 12.2 kbit/s', ['sox', ...raw, '-C', '7', ...amr], ['sox', ...amr, ...raw]),
    { name: 'offset of 1500', change: (audio) => audio.map((sample) => clip(sample + OFFSET)) },
    { name: 'gain control', change: controlGain },
    { name: 'comfort noise', change: fillPauses },
    { name: 'longer pauses', change: (audio) => changePauses(audio, (steps) => steps + 5 + (steps % 16)) },
    { name: 'shorter pauses', change: (audio) => changePauses(audio, (steps) => Math.max(3, steps - 20)) },
    { name: 'stalled sender', change: stall },
  ];
}

/** A line of a codec that two programs are; none when they cannot be run. */
function external(name: string, encode: readonly string[], decode: readonly string[]): OtherLine[] {
  const run = ([program, ...args]: readonly string[], input: Buffer): Buffer | undefined => {
    const { status, stdout } = spawnSync(program, args, { input, maxBuffer: 64 * 1024 * 1024 });
    return status === 0 && stdout.length > 0 ? stdout : undefined;
  };
  const through = (audio: Int16Array): Int16Array | undefined => {
    const encoded = run(encode, Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength));
    const decoded = encoded && run(decode, encoded);
    return decoded && new Int16Array(Uint8Array.from(decoded).buffer);
  };
  if (!through(new Int16Array(LISTENING_RATE))) {
    console.log(`${name}: left out, ${encode[0]} cannot make it here`);
    return [];
  }
  return [
    {
      name,
      change: (audio) => {
        const changed = through(convert(audio, SOUND_RATE, LISTENING_RATE));
        if (!changed) throw new Error(`${encode[0]} failed.`);
        return convert(changed, LISTENING_RATE, SOUND_RATE);
      },
    },
  ];
}

/** Brings speech to one level, quickly down and slowly up, so that the gain moves within each word. */
function controlGain(audio: Int16Array): Int16Array {
  let level = WANTED;
  let gain = 1;
  return audio.map((sample, i) => {
    if (i % STEP === 0) {
      const now = rms(audio, i);
      level += (now > level ? ATTACK : RELEASE) * (now - level);
      gain = Math.min(MOST_GAIN, WANTED / Math.max(1, level));
    }
    return clip(sample * gain);
  });
}

/** A sender that says nothing in pauses, and a receiver that puts noise there. */
function fillPauses(audio: Int16Array): Int16Array {
  const random = seededRandom(1);
  const levels = levelsOf(audio);
  const least = Math.max(...levels) * PAUSE_BELOW;
  const isSent = levels.map((_, step) =>
    levels.slice(Math.max(0, step - HANGOVER_STEPS), step + 1).some((level) => level >= least),
  );
  return audio.map((sample, i) =>
    isSent[Math.floor(i / STEP)] ? sample : Math.round((random() * 2 - 1) * COMFORT * Math.sqrt(3)),
  );
}

/**
 * Makes the pauses within a prompt longer or shorter.
 *
 * @param wanted length of a pause, for the one that it has; both in steps.
 */
function changePauses(audio: Int16Array, wanted: (steps: number) => number): Int16Array {
  const levels = levelsOf(audio);
  const least = Math.max(...levels) * PAUSE_BELOW;
  const isSound = (level: number): boolean => level >= least;
  const end = levels.findLastIndex(isSound);
  const parts: Int16Array[] = [];
  let from = 0;
  for (let step = levels.findIndex(isSound); step <= end; step++) {
    if (isSound(levels[step])) continue;
    const length = levels.slice(step).findIndex(isSound);
    if (length >= LEAST_PAUSE_STEPS) {
      const middle = step + (length >> 1);
      const change = wanted(length) - length;
      parts.push(audio.subarray(from * STEP, middle * STEP + Math.min(0, change * (STEP / 2))));
      parts.push(new Int16Array(Math.max(0, change) * STEP));
      from = middle + Math.max(0, -change) / 2;
    }
    step += length;
  }
  parts.push(audio.subarray(from * STEP));
  return joined(parts);
}

/** Silence of 0.15 to 0.4 s at two places of the sound, wherever they are: a sender that is held up, and goes on then. */
function stall(audio: Int16Array): Int16Array {
  const levels = levelsOf(audio);
  const least = Math.max(...levels) * PAUSE_BELOW;
  const first = levels.findIndex((level) => level >= least);
  const length = levels.findLastIndex((level) => level >= least) - first;
  const random = seededRandom(audio.length);
  const [one, two] = [0.15, 0.6].map((part) => (first + Math.floor((part + random() / 4) * length)) * STEP);
  const pause = (): Int16Array => new Int16Array(Math.round((0.15 + random() / 4) * SOUND_RATE));
  return joined([audio.subarray(0, one), pause(), audio.subarray(one, two), pause(), audio.subarray(two)]);
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function levelsOf(audio: Int16Array): number[] {
  return Array.from({ length: Math.ceil(audio.length / STEP) }, (_, step) => rms(audio, step * STEP));
}

function rms(audio: Int16Array, from: number): number {
  const part = audio.subarray(from, from + STEP);
  return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length);
}

function clip(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
