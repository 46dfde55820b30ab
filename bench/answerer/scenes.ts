import { parseTone } from '../../lib/audio/tones';
import { ToneGenerator } from '../../lib/audio/tone-generator';
import { RATE, type Speaker } from './voices';

/** What is on a line after an answer, and what it is. Times in ms. */
export interface Scene {
  kind:
    | 'human'
    | 'human, hello again'
    | 'business'
    | 'machine'
    | 'machine, short'
    | 'fax'
    | 'nothing'
    | 'progress'
    | 'music';
  name: string;
  audio: Int16Array;
  greetingMs?: number;
  beep?: { endMs: number; hz: number };
}

type Random = () => number;

/** Silence behind everything, in which a decision may come, s. */
const TAIL_S = 6;

/** What a voice says as a person, as a business and as a machine. */
export function* speakerScenes(speaker: Speaker, random: Random): Iterable<Scene> {
  for (const [n, words] of speaker.human.entries()) {
    const name = `${speaker.name} ${n}`;
    yield { kind: 'human', name, ...joined([pause(random, 100, 1500), words]), greetingMs: ms(words) };
    const again = speaker.human[0];
    const audio = joined([pause(random, 100, 1000), words, pause(random, 1300, 3000), again]).audio;
    yield { kind: 'human, hello again', name, audio, greetingMs: ms(words) };
  }
  for (const words of speaker.business) {
    yield {
      kind: 'business',
      name: speaker.name,
      ...joined([pause(random, 100, 1500), words]),
      greetingMs: ms(words),
    };
  }
  for (const [n, sentences] of speaker.machine.entries()) {
    yield machine(`${speaker.name} ${n}`, 'machine', sentences, random);
    yield machine(`${speaker.name} ${n}`, 'machine, short', sentences.slice(-1), random);
  }
}

function machine(name: string, kind: Scene['kind'], sentences: readonly Int16Array[], random: Random): Scene {
  const parts: Int16Array[] = [pause(random, 100, 2000)];
  sentences.forEach((sentence, n) => parts.push(...(n > 0 ? [pause(random, 150, 850)] : []), sentence));
  const greetingMs = ms(joined(parts.slice(1), 0).audio);
  parts.push(pause(random, 150, 1500));
  const hz = Math.round(400 + random() * 2200);
  const length = Math.round(100 + random() * 900);
  // Machines of some makes beep with overtones or with two tones.
  parts.push(tone(`${hz}`, length, -14 - random() * 12));
  const endMs = ms(joined(parts, 0).audio);
  return { kind, name: `${name} ${hz} Hz ${length} ms`, ...joined(parts), greetingMs, beep: { endMs, hz } };
}

/** Fax terminals: calling tone, answer tone with and without reversals, data at once. */
export function* faxScenes(random: Random): Iterable<Scene> {
  for (let n = 0; n < 30; n++) {
    const level = -12 - random() * 20;
    const lead = pause(random, 200, 3000);
    const cng = 1100 + (random() * 2 - 1) * 30;
    yield {
      kind: 'fax',
      name: `cng ${cng.toFixed(0)}`,
      ...joined([lead, tone(`${cng}/500,3000`, 7500, level)]),
    };
    const ced = 2100 + (random() * 2 - 1) * 14;
    yield {
      kind: 'fax',
      name: 'ced',
      ...joined([lead, tone(`${ced}`, 3000, level), silence(75), v21(1000, level), v21(500, level, random)]),
    };
    yield {
      kind: 'fax',
      name: 'ced-reversals',
      ...joined([lead, reversed(tone(`${ced}`, 3300, level)), silence(75)]),
    };
    yield { kind: 'fax', name: 'v21', ...joined([lead, v21(1000, level), v21(800, level, random)]) };
  }
}

/** Nobody: silence, and the tones of a network. */
export function* otherScenes(random: Random, tones: readonly string[]): Iterable<Scene> {
  for (let n = 0; n < 20; n++) yield { kind: 'nothing', name: 'silence', audio: silence(25_000) };
  for (const name of tones) {
    yield {
      kind: 'progress',
      name,
      ...joined([pause(random, 50, 800), tone(name, 12_000, -16 - random() * 10)]),
    };
  }
}

export function musicScene(samples: Int16Array): Scene {
  return { kind: 'music', name: 'music', ...joined([silence(300), samples, samples]) };
}

function joined(parts: readonly Int16Array[], tailS = TAIL_S): { audio: Int16Array } {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const audio = new Int16Array(length + tailS * RATE);
  let at = 0;
  for (const part of parts) {
    audio.set(part, at);
    at += part.length;
  }
  return { audio };
}

function ms(samples: Int16Array): number {
  return (samples.length * 1000) / RATE;
}

function silence(length: number): Int16Array {
  return new Int16Array((length * RATE) / 1000);
}

function pause(random: Random, from: number, to: number): Int16Array {
  return silence(Math.round(from + random() * (to - from)));
}

function tone(spelled: string, length: number, levelDbfs: number): Int16Array {
  const samples = silence(length);
  new ToneGenerator(parseTone(spelled), RATE, levelDbfs).generate(samples);
  return samples;
}

/** The phase turned around every 450 ms. */
function reversed(samples: Int16Array): Int16Array {
  return samples.map((value, i) => (Math.floor(i / (0.45 * RATE)) % 2 === 0 ? value : -value));
}

/** Flags of HDLC in V.21 channel 2, or with `random` any bits. */
function v21(length: number, levelDbfs: number, random?: Random): Int16Array {
  const samples = silence(length);
  const amplitude = 32_768 * Math.SQRT2 * 10 ** (levelDbfs / 20);
  let phase = 0;
  let bit = -1;
  let one = false;
  for (let i = 0; i < samples.length; i++) {
    const now = Math.floor((i * 300) / RATE);
    if (now !== bit) one = random ? random() < 0.5 : now % 8 > 0 && now % 8 < 7;
    bit = now;
    phase += (2 * Math.PI * (one ? 1650 : 1850)) / RATE;
    samples[i] = Math.round(amplitude * Math.sin(phase));
  }
  return samples;
}
