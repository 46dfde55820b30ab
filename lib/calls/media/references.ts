import { readdir, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import type { NamedReference } from '../../audio';
import { SipflowError } from '../../common';
import { type AudioSource, type MediaEngine, packagedSoundsDir, type Speech } from '../../media';
import { soundOf, sourceName } from './audio-source';

/** Sounds of a folder that are listened for at most. */
const MOST_SOUNDS = 200;
/** All sounds of the package. */
const PACKAGED = /^sipflow:\*?$/;

/** A sound to listen for, and its name in reports. */
interface Named {
  name: string;
  source: AudioSource;
}

/** What makes references of sources. */
interface ReferenceContext {
  audioDir: string;
  engine: Pick<MediaEngine, 'prepare'>;
  speech: Speech;
}

/**
 * Prepares the sounds of a `reference`: one, several, or those of a folder, of which the ones that cannot be listened for
 * (too short, silent, no WAV) are left out.
 *
 * @throws SipflowError (as a rejection) BAD_AUDIO, FILE_NOT_FOUND, FILE_ACCESS, NO_VOICE, SPEECH_FAILED
 */
export async function prepareReferences(
  reference: AudioSource | readonly AudioSource[] | undefined,
  context: ReferenceContext,
): Promise<NamedReference[]> {
  const given = isList(reference) ? reference : reference === undefined ? [] : [reference];
  if (given.length === 0) throw nothing();
  const found = await Promise.all(given.map((source) => soundsOf(source, context)));
  const prepared: NamedReference[] = [];
  for (const { sounds, folder } of found) {
    const usable: NamedReference[] = [];
    // One after the other, so that prompts that are played wait for one of them at most.
    for (const { name, source } of sounds) {
      try {
        usable.push({ name, prepared: await context.engine.prepare(source) });
      } catch (error) {
        if (folder === undefined || !(error instanceof SipflowError) || error.code !== 'BAD_AUDIO')
          throw error;
      }
    }
    if (usable.length === 0) throw emptyFolder(folder ?? '');
    prepared.push(...usable);
  }
  return prepared;
}

async function soundsOf(
  given: AudioSource,
  context: ReferenceContext,
): Promise<{ sounds: Named[]; folder?: string }> {
  const name = sourceName(given).trim();
  if (typeof given !== 'string') return { sounds: [{ name, source: given }] };
  if (PACKAGED.test(name)) return inFolder(packagedSoundsDir());
  const source = await soundOf(given, context);
  const isFolder = typeof source === 'string' && (await isDirectory(source));
  return isFolder ? inFolder(source) : { sounds: [{ name, source }] };
}

async function inFolder(folder: string): Promise<{ sounds: Named[]; folder: string }> {
  const files = (await readdir(folder)).filter((file) => /\.wav$/i.test(file)).sort();
  if (files.length === 0) throw emptyFolder(folder);
  if (files.length > MOST_SOUNDS) {
    const sentence = `The folder ${folder} has ${files.length} sounds; at most ${MOST_SOUNDS} can be told apart at once.`;
    throw new SipflowError('BAD_AUDIO', sentence, { field: 'reference' });
  }
  return { folder, sounds: files.map((file) => ({ name: parse(file).name, source: join(folder, file) })) };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function isList(
  reference: AudioSource | readonly AudioSource[] | undefined,
): reference is readonly AudioSource[] {
  return Array.isArray(reference);
}

function nothing(): SipflowError {
  return new SipflowError(
    'BAD_AUDIO',
    'There is nothing to listen for. Name a sound (sipflow:menu), a file, or a folder of prompts.',
    { field: 'reference' },
  );
}

function emptyFolder(folder: string): SipflowError {
  const sentence = `The folder ${folder} has no WAV file that can be listened for.`;
  return new SipflowError('FILE_NOT_FOUND', sentence, { field: 'reference' });
}
