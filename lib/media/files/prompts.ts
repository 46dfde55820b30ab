import { parseWavHeader, wavDurationMs } from '../../audio';
import { SipflowError, toSipflowError } from '../../common';
import type { AudioInfo, AudioSource } from '../types';
import { isUrl, type Downloads } from './downloads';
import { PcmReader } from './pcm-reader';
import type { PromptCache } from './prompt-cache';
import { CHUNK_MS, CHUNKS_AHEAD, type FileCommand, type FileEvent, type LoadRequest } from './protocol';
import { openAudio, openBytes, type OpenSource } from './sources';

/** Files up to this length are converted whole and cached; longer ones are streamed from the disk. */
const WHOLE_MS = 60_000;
/** Streams of one media worker. */
const MAX_STREAMS = 1000;

/** Sounds, caches and downloads shared by all media workers. */
export interface PromptLibrary {
  soundsDir: string;
  cache: PromptCache;
  downloads: Downloads;
}

interface Stream {
  source: OpenSource;
  reader: PcmReader;
  request: LoadRequest;
}

/** The prompts of one media worker: whole ones from the cache, long ones in chunks as credits come back. */
export class Prompts {
  readonly #streams = new Map<number, Stream>();

  /** Loads whose source is still being fetched. */
  readonly #fetching = new Set<number>();

  constructor(
    private readonly library: PromptLibrary,
    private readonly post: (event: FileEvent) => void,
  ) {}

  /** Reads the format of a source. Rejects with FILE_NOT_FOUND, FILE_ACCESS, BAD_AUDIO. */
  static async probe(source: AudioSource, { soundsDir, downloads }: PromptLibrary): Promise<AudioInfo> {
    const open = isUrl(source)
      ? openBytes((await downloads.get(source)).bytes)
      : openAudio(source, soundsDir);
    try {
      const format = parseWavHeader(open);
      return {
        container: format.container,
        encoding: format.encoding,
        sampleRate: format.sampleRate,
        channels: format.channels,
        bitsPerSample: format.bitsPerSample,
        durationMs: Math.round(wavDurationMs(format)),
      };
    } finally {
      open.close();
    }
  }

  onCommand(command: Extract<FileCommand, { type: 'load' | 'credit' | 'unload' }>): void {
    const { id } = command;
    if (command.type === 'unload') {
      this.#end(id);
    } else if (command.type === 'credit') {
      this.#guarded(id, () => this.#sendChunk(id));
    } else if (isUrl(command.request.source)) {
      void this.#fetch(id, command.request.source, command.request);
    } else {
      const { source } = command.request;
      this.#guarded(id, () => this.#load(id, openAudio(source, this.library.soundsDir), command.request));
    }
  }

  close(): void {
    for (const id of [...this.#streams.keys()]) this.#end(id);
    this.#fetching.clear();
  }

  async #fetch(id: number, url: string, request: LoadRequest): Promise<void> {
    this.#fetching.add(id);
    try {
      const { bytes, key } = await this.library.downloads.get(url);
      // The playback was stopped meanwhile.
      if (!this.#fetching.delete(id)) return;
      this.#guarded(id, () => this.#load(id, openBytes(bytes, key), request));
    } catch (error) {
      if (this.#fetching.delete(id)) this.#fail(id, error);
    }
  }

  #guarded(id: number, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #fail(id: number, error: unknown): void {
    this.#end(id);
    this.post({ type: 'failed', id, failure: toSipflowError(error, 'FILE_ACCESS').toFailure() });
  }

  #load(id: number, source: OpenSource, request: LoadRequest): void {
    let keep = false;
    try {
      const key = source.cacheKey && `${source.cacheKey}\n${request.sampleRate}\n${request.strict}`;
      const cached = key === undefined ? undefined : this.library.cache.get(key);
      if (cached) {
        this.post({ type: 'loaded', id, ...cached });
        return;
      }
      const { sampleRate, strict, offsetMs } = request;
      let reader = new PcmReader(source, sampleRate, strict);
      if (reader.durationMs > WHOLE_MS) {
        if (offsetMs > 0) reader = new PcmReader(source, sampleRate, strict, offsetMs);
        this.#stream(id, { source, reader, request });
        keep = true;
        return;
      }
      const prompt = {
        samples: readWhole(reader, sampleRate),
        durationMs: Math.round(reader.durationMs),
      };
      if (key !== undefined) this.library.cache.set(key, prompt);
      this.post({ type: 'loaded', id, ...prompt });
    } finally {
      if (!keep) source.close();
    }
  }

  #stream(id: number, stream: Stream): void {
    if (this.#streams.size >= MAX_STREAMS) {
      throw new SipflowError('FILE_ACCESS', `More than ${MAX_STREAMS} long files are played at once.`);
    }
    this.#streams.set(id, stream);
    const { reader } = stream;
    this.post({ type: 'streaming', id, durationMs: Math.round(reader.durationMs) });
    for (let chunk = 0; chunk < CHUNKS_AHEAD; chunk++) this.#sendChunk(id);
  }

  #sendChunk(id: number): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    const { sampleRate, loop } = stream.request;
    const wanted = (sampleRate * CHUNK_MS) / 1000;
    const chunk = stream.reader.read(wanted);
    const atEnd = chunk.length < wanted;
    if (atEnd && loop) stream.reader.rewind();
    const last = atEnd && !loop;
    this.post({ type: 'chunk', id, data: chunk.buffer, last });
    if (last) this.#end(id);
  }

  #end(id: number): void {
    this.#fetching.delete(id);
    this.#streams.get(id)?.source.close();
    this.#streams.delete(id);
  }
}

function readWhole(reader: PcmReader, sampleRate: number): SharedArrayBuffer {
  const parts: Int16Array[] = [];
  let length = 0;
  for (;;) {
    const part = reader.read(sampleRate);
    if (part.length === 0) break;
    parts.push(part);
    length += part.length;
  }
  const samples = new Int16Array(new SharedArrayBuffer(length * 2));
  let offset = 0;
  for (const part of parts) {
    samples.set(part, offset);
    offset += part.length;
  }
  return samples.buffer;
}
