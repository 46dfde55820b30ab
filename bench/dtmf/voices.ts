import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { convertWavBytes } from '../../lib/audio/convert';
import { espeakIsMissing, spoken } from '../../test/support/spoken';
import { RATE } from './signals';

/** Pieces of one voice or kind of music, each in the telephone's band at 8 kHz. */
export interface Voice {
  name: string;
  pieces: Iterable<Int16Array>;
}

/** Languages of espeak-ng with vowels and tones that differ. */
const LANGUAGES = 'en-us en-gb de fr es it ko cmn tr fi ru pt nl pl sv hi'.split(' ');
const VARIANTS = 'm1 m3 m5 m7 f1 f2 f3 f4'.split(' ');

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
  if (espeakIsMissing()) return [];
  return [{ name: 'espeak-ng', pieces: synthesised(minutes) }];
}

function* synthesised(minutes: number): Iterable<Int16Array> {
  let samples = 0;
  for (let index = 0; samples < minutes * 60 * RATE; index++) {
    const voice = `${LANGUAGES[index % LANGUAGES.length]}+${VARIANTS[(index * 5) % VARIANTS.length]}`;
    const piece = spoken(voice, index, RATE);
    samples += piece.length;
    yield piece;
  }
}
