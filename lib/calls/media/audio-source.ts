import { isAbsolute, resolve } from 'node:path';
import { SipflowError } from '../../common';
import type { AudioSource } from '../../media';

const SCHEMES = /^(sipflow:|https?:\/\/|tone:)/i;

/**
 * Source for the media engine, from the value of a `source` field: relative paths start from
 * `audioDir`; `sipflow:`, URLs, tones, `silence` and WAV bytes pass through. BAD_AUDIO when there is nothing to play.
 */
export function resolveSource(source: AudioSource, audioDir: string): AudioSource {
  if (typeof source !== 'string') {
    if (source instanceof Uint8Array) return source;
    throw new SipflowError(
      'BAD_AUDIO',
      'The audio source must be text (a sound, a path, a URL, a tone) or a Buffer.',
    );
  }
  const text = source.trim();
  if (text === '') {
    throw new SipflowError(
      'BAD_AUDIO',
      'There is no audio source. Name a sound (sipflow:welcome), a file, a URL or a tone.',
    );
  }
  if (SCHEMES.test(text) || text === 'silence') return text;
  return isAbsolute(text) ? text : resolve(audioDir, text);
}

/** How a source is called in reports and statuses. */
export function sourceName(source: AudioSource): string {
  return typeof source === 'string' ? source : `Buffer of ${source.byteLength} bytes`;
}
