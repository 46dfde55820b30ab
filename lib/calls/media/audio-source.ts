import { isAbsolute, resolve } from 'node:path';
import { SipflowError } from '../../common';
import { isSpoken, type AudioSource, type Speech } from '../../media';

const SCHEMES = /^(sipflow:|https?:\/\/|tone:)/i;

/**
 * Source for the media engine, from the value of a `source` field: relative paths start from
 * `audioDir`; `sipflow:`, URLs, tones, `silence`, `say:` and WAV bytes pass through. BAD_AUDIO when there is nothing to play.
 */
export function resolveSource(source: AudioSource, audioDir: string): AudioSource {
  if (typeof source !== 'string') {
    if (source instanceof Uint8Array) return source;
    throw new SipflowError(
      'BAD_AUDIO',
      'The audio source must be text (a sound, a path, a URL, a tone, say:…) or a Buffer.',
    );
  }
  const text = source.trim();
  if (text === '') {
    throw new SipflowError(
      'BAD_AUDIO',
      'There is no audio source. Name a sound (sipflow:welcome), a file, a URL or a tone, or say:… what to say.',
    );
  }
  if (SCHEMES.test(text) || isSpoken(text) || text === 'silence') return text;
  return isAbsolute(text) ? text : resolve(audioDir, text);
}

/**
 * Like `resolveSource`, with what is to be said as the bytes of a WAV.
 *
 * @throws SipflowError (as rejection) as `resolveSource` and `Speech.say`
 */
export async function soundOf(
  source: AudioSource,
  { audioDir, speech }: { audioDir: string; speech: Speech },
): Promise<AudioSource> {
  const resolved = resolveSource(source, audioDir);
  return isSpoken(resolved) ? speech.say(resolved) : resolved;
}

/** How a source is called in reports and statuses. */
export function sourceName(source: AudioSource): string {
  return typeof source === 'string' ? source : `Buffer of ${source.byteLength} bytes`;
}
