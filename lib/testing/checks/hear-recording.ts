import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareReference, type NamedReference } from '../../audio';
import { isSpoken } from '../../calls';
import { SipflowError } from '../../common';
import { findSound, type FoundSound } from './find-sound';
import { pathOfSound, readSamples, soundSamples, type SoundFolders } from './recorded-audio';

/** Sounds of a folder that are looked for at most. */
const MOST_SOUNDS = 200;

/** What was heard in a recording, or what comes nearest. */
export type HeardSound = FoundSound;

/** Where sounds lie, and the least score that counts. */
export interface HearOptions extends SoundFolders {
  /** 0 to 1; by default it follows from the length of a sound. */
  threshold?: number;
}

/**
 * Which of some sounds is in a recording: the likeliest one that counts as heard, else the nearest; undefined when nothing
 * is like any of them.
 *
 * @param references `sipflow:<name>`, `say:…`, paths of WAV files, or folders of them, of which those that cannot be listened
 * for are left out.
 * @throws SipflowError (as a rejection) FILE_NOT_FOUND, FILE_ACCESS, BAD_AUDIO, and what saying a text does
 */
export async function hearRecording(
  recording: string,
  references: readonly string[],
  options: HearOptions = {},
): Promise<HeardSound | undefined> {
  const samples = await readSamples(pathOfSound(recording, options));
  const sounds: NamedReference[] = [];
  for (const reference of references) sounds.push(...(await soundsOf(reference, options)));
  return findSound(samples, sounds, options.threshold);
}

async function soundsOf(reference: string, folders: SoundFolders): Promise<NamedReference[]> {
  const isText: boolean = isSpoken(reference);
  if (isText) return [await soundOf(reference, soundSamples(reference, folders))];
  const path = pathOfSound(reference, folders);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return [await soundOf(reference, readSamples(path))];
  const files = (await readdir(path)).filter((file) => /\.wav$/i.test(file)).sort();
  if (files.length > MOST_SOUNDS) {
    throw new SipflowError(
      'BAD_AUDIO',
      `${reference} has ${files.length} sounds; at most ${MOST_SOUNDS} can be looked for.`,
    );
  }
  const sounds: NamedReference[] = [];
  for (const file of files) {
    try {
      sounds.push(await soundOf(file, readSamples(join(path, file))));
    } catch (error) {
      if (!(error instanceof SipflowError) || error.code !== 'BAD_AUDIO') throw error;
    }
  }
  if (sounds.length === 0) {
    throw new SipflowError(
      'BAD_AUDIO',
      `${reference} has no sound that can be looked for: WAV files of at least 0.3 s.`,
    );
  }
  return sounds;
}

async function soundOf(name: string, reading: Promise<Int16Array>): Promise<NamedReference> {
  const samples = await reading;
  try {
    return { name, prepared: prepareReference(samples) };
  } catch (error) {
    if (!(error instanceof SipflowError)) throw error;
    throw new SipflowError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}
