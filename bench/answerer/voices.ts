import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { convertWavBytes } from '../../lib/audio/convert';
import { seededRandom } from '../../test/support/random';
import { TEXTS } from './texts';

export const RATE = 8000;

/** What one voice says when it answers. */
export interface Speaker {
  name: string;
  /** Which kind of voice: results are told for each. */
  source: string;
  human: readonly Int16Array[];
  business: readonly Int16Array[];
  /** Each a list of sentences; pauses are put between them. */
  machine: readonly (readonly Int16Array[])[];
}

const VARIANTS = ['m1', 'm3', 'm7', 'f1', 'f2', 'f4', 'm5', 'f3'];
/** Lengths of recorded prompts that stand for a person's greeting, and for a sentence of a machine's, s. */
const HUMAN_S = [0.35, 1.6] as const;
const SENTENCE_S = [1.6, 6] as const;
const RECORDED_EACH = 24;

/** Whether a program can be run. */
export function exists(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

/** Voices of espeak-ng in all languages of `TEXTS`. */
export function* espeakSpeakers(voicesPerLanguage: number): Iterable<Speaker> {
  for (const [index, [language, texts]] of Object.entries(TEXTS).entries()) {
    for (let n = 0; n < voicesPerLanguage; n++) {
      const variant = VARIANTS[(index + n * 3) % VARIANTS.length];
      const speed = 135 + ((index * 31 + n * 47) % 80);
      const say = (text: string): Int16Array =>
        spoken('espeak-ng', ['-v', `${language}+${variant}`, '-s', String(speed)], '-w', text);
      yield {
        name: `${language}+${variant}`,
        source: 'espeak-ng',
        human: texts.human.map(say),
        business: texts.business.map(say),
        machine: [texts.machine.map(say)],
      };
    }
  }
}

/** Voices of flite, which is another kind of synthesiser: recorded sounds that are joined. */
export function* fliteSpeakers(): Iterable<Speaker> {
  const { human, business, machine } = TEXTS['en-us'];
  for (const voice of ['kal', 'awb', 'rms', 'slt']) {
    const say = (text: string): Int16Array => spoken('flite', ['-voice', voice, '-t', text], '-o');
    yield {
      name: `flite ${voice}`,
      source: 'flite',
      human: human.map(say),
      business: business.map(say),
      machine: [machine.map(say)],
    };
  }
}

/** Speech of a program that writes a WAV file named behind `option`. */
function spoken(program: string, args: readonly string[], option: string, ...text: string[]): Int16Array {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-spoken-'));
  try {
    const file = join(folder, 'spoken.wav');
    const { status, stderr } = spawnSync(program, [...args, option, file, ...text]);
    if (status !== 0) throw new Error(`${program} failed: ${String(stderr)}`);
    return trimmed(convertWavBytes(readFileSync(file), RATE));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Recorded prompts of people: short ones stand for what a person says who answers, long ones for the sentences of a machine.
 *
 * @param folder with a folder of WAV files for each voice.
 */
export function* recordedSpeakers(folder: string): Iterable<Speaker> {
  for (const voice of readdirSync(folder)) {
    if (!statSync(join(folder, voice)).isDirectory()) continue;
    const sounds = shuffled(wavFiles(join(folder, voice)), voice.length).map((file) =>
      trimmed(convertWavBytes(readFileSync(file), RATE)),
    );
    const within = ([from, to]: readonly [number, number]): Int16Array[] =>
      sounds.filter(({ length }) => length >= from * RATE && length <= to * RATE);
    const sentences = within(SENTENCE_S);
    yield {
      name: voice,
      source: 'recorded',
      human: within(HUMAN_S).slice(0, RECORDED_EACH),
      business: [],
      machine: Array.from({ length: Math.min(RECORDED_EACH, Math.floor(sentences.length / 3)) }, (_, n) =>
        sentences.slice(3 * n, 3 * n + 3),
      ),
    };
  }
}

/** Pieces of recorded music of eight seconds. */
export function* music(folder: string): Iterable<Int16Array> {
  for (const file of wavFiles(folder)) {
    const samples = convertWavBytes(readFileSync(file), RATE);
    for (let at = 0; at + 8 * RATE <= samples.length && at < 80 * RATE; at += 10 * RATE) {
      yield samples.slice(at, at + 8 * RATE);
    }
  }
}

function wavFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.wav') && !basename(file).startsWith('silence'))
    .sort()
    .map((file) => join(folder, file));
}

function shuffled<T>(list: T[], seed: number): T[] {
  const random = seededRandom(seed);
  return list
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Without the silence before and behind, at an RMS level of −20 dBFS. */
function trimmed(samples: Int16Array): Int16Array {
  let first = 0;
  let last = samples.length;
  while (first < last && Math.abs(samples[first]) < 200) first++;
  while (last > first && Math.abs(samples[last - 1]) < 200) last--;
  const part = samples.slice(first, last);
  const rms = Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / Math.max(1, part.length));
  const gain = (32_768 * 10 ** (-20 / 20)) / Math.max(1, rms);
  return part.map((value) => Math.max(-32_768, Math.min(32_767, Math.round(value * gain))));
}
