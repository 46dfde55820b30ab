import { createHash } from 'node:crypto';
import { LISTENING_RATE, prepareReference, type PreparedReference } from '../../audio';
import { SipflowError } from '../../common';
import type { AudioSource } from '../types';
import { isUrl } from './downloads';
import { PcmReader } from './pcm-reader';
import type { PromptLibrary } from './prompts';
import { openAudio, openBytes, type OpenSource } from './sources';

/** Prepared references that are kept: a folder of a hundred prompts and what else is in use. */
const MOST_KEPT = 500;

/** Sounds that calls listen for, prepared once for all of them; the least recently used ones are forgotten. */
export class References {
  /** By path, time and size, or by the bytes; in order of use, the oldest first. */
  readonly #kept = new Map<string, PreparedReference>();

  constructor(private readonly library: PromptLibrary) {}

  /** Rejects with FILE_NOT_FOUND, FILE_ACCESS, and with BAD_AUDIO for what cannot be listened for. */
  async prepare(source: AudioSource): Promise<PreparedReference> {
    const open = await this.#open(source);
    try {
      const key = open.cacheKey ?? createHash('sha256').update(source).digest('base64');
      const known = this.#kept.get(key);
      this.#kept.delete(key);
      const prepared = known ?? prepareReference(samplesOf(open), LISTENING_RATE);
      this.#kept.set(key, prepared);
      if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value ?? '');
      return prepared;
    } finally {
      open.close();
    }
  }

  async #open(source: AudioSource): Promise<OpenSource> {
    const { downloads, soundsDir } = this.library;
    if (typeof source === 'string' && /^(silence$|tone:)/.test(source)) {
      const sentence = `"${source.slice(0, 60)}" is no prompt. Listen for silence or for a tone instead.`;
      throw new SipflowError('BAD_AUDIO', sentence, { field: 'reference' });
    }
    if (isUrl(source)) {
      const { bytes, key } = await downloads.get(source);
      return openBytes(bytes, key);
    }
    return openAudio(source, soundsDir);
  }
}

/** Sound that is read at most: longer ones are refused. */
const LONGEST_READ_MS = 61_000;

/** Samples of a source at the rate of listening; of one that is too long, enough to see that. */
function samplesOf(source: OpenSource): Int16Array {
  const reader = new PcmReader(source, LISTENING_RATE, false);
  const longestMs = Math.min(reader.durationMs + 1000, LONGEST_READ_MS);
  const samples = new Int16Array(Math.ceil((longestMs * LISTENING_RATE) / 1000));
  let length = 0;
  while (length < samples.length) {
    const part = reader.read(LISTENING_RATE);
    if (part.length === 0) break;
    const used = part.subarray(0, samples.length - length);
    samples.set(used, length);
    length += used.length;
  }
  return samples.subarray(0, length);
}
