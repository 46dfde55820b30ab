import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { convertWavBytes } from '../../lib/audio/convert';
import { RATE } from './signals';

/** Pieces of one voice or kind of music, each in the telephone's band at 8 kHz. */
export interface Voice {
  name: string;
  pieces: Iterable<Int16Array>;
}

/** Languages of espeak-ng with vowels and tones that differ. */
const LANGUAGES = 'en-us en-gb de fr es it ko cmn tr fi ru pt nl pl sv hi'.split(' ');
const VARIANTS = 'm1 m3 m5 m7 f1 f2 f3 f4'.split(' ');
/** Invented words of open syllables, whose vowels are long: the nearest that speech comes to tones. */
const SYLLABLES = 'ba no mi ru te lo ka si wu da ne fo gi ha ju po ra mo li se tu va ze'.split(' ');

/** Voices of recorded prompts: each folder in `folder`, or this one when it has none. */
export function recordedVoices(folder: string): Voice[] {
  const names = readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory());
  if (names.length === 0) return [{ name: basename(folder), pieces: recordings(folder) }];
  return names.map((name) => ({ name, pieces: recordings(join(folder, name)) }));
}

function* recordings(folder: string): Iterable<Int16Array> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.wav'),
  );
  for (const file of files.sort()) yield convertWavBytes(readFileSync(join(folder, file)), RATE);
}

/** Synthetic voices, or none when espeak-ng is not installed. */
export function synthesisedVoices(minutes: number): Voice[] {
  if (spawnSync('espeak-ng', ['--version']).error) return [];
  return [{ name: 'espeak-ng', pieces: synthesised(minutes) }];
}

function* synthesised(minutes: number): Iterable<Int16Array> {
  let samples = 0;
  for (let index = 0; samples < minutes * 60 * RATE; index++) {
    const voice = `${LANGUAGES[index % LANGUAGES.length]}+${VARIANTS[(index * 5) % VARIANTS.length]}`;
    const piece = spoken(voice, index);
    samples += piece.length;
    yield piece;
  }
}

/** Half a minute or more of a voice; the same for the same index. */
function spoken(voice: string, index: number): Int16Array {
  const speed = 110 + ((index * 37) % 130);
  const pitch = 20 + ((index * 29) % 70);
  const wav = spawnSync(
    'espeak-ng',
    ['-v', voice, '-s', String(speed), '-p', String(pitch), '--stdout', text(index)],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  if (wav.status !== 0) throw new Error(`espeak-ng failed with the voice ${voice}: ${String(wav.stderr)}`);
  // espeak-ng writes to a pipe and cannot go back to fill in the sizes.
  wav.stdout.writeUInt32LE(wav.stdout.length - 8, 4);
  wav.stdout.writeUInt32LE(wav.stdout.length - 44, 40);
  return convertWavBytes(wav.stdout, RATE);
}

function text(index: number): string {
  let state = index * 2_654_435_761 + 54_321;
  const pick = (count: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % count;
  };
  const word = (): string =>
    Array.from({ length: 2 + pick(3) }, () => SYLLABLES[pick(SYLLABLES.length)]).join('');
  const sentence = (): string => `${Array.from({ length: 5 + pick(8) }, word).join(' ')} ${pick(100_000)}.`;
  return Array.from({ length: 12 }, sentence).join(' ');
}
