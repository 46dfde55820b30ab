import { parseWavHeader, wavDurationMs } from '../../audio/wav-header';
import { SipflowError, toSipflowError } from '../../common/errors';
import type { AudioInfo, AudioSource } from '../types';
import { openPcm, type PcmReader } from './pcm-reader';
import type { PromptCache } from './prompt-cache';
import { CHUNK_MS, CHUNKS_AHEAD, type FileCommand, type FileEvent, type LoadRequest } from './protocol';
import { openAudio, type OpenSource } from './sources';

/** Files up to this length are converted whole and cached; longer ones are streamed from the disk. */
const WHOLE_MS = 60_000;
/** Streams of one media worker. */
const MAX_STREAMS = 1000;

interface Stream {
  source: OpenSource;
  reader: PcmReader;
  request: LoadRequest;
}

/** The prompts of one media worker: whole ones from the cache, long ones in chunks as credits come back. */
export class Prompts {
  readonly #streams = new Map<number, Stream>();

  constructor(
    private readonly soundsDir: string,
    private readonly cache: PromptCache,
    private readonly post: (event: FileEvent) => void,
  ) {}

  /** What a source is. Throws FILE_NOT_FOUND, FILE_ACCESS, BAD_AUDIO. */
  static probe(source: AudioSource, soundsDir: string): AudioInfo {
    const open = openAudio(source, soundsDir);
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
    try {
      if (command.type === 'load') this.#load(id, command.request);
      else if (command.type === 'credit') this.#sendChunk(id);
      else this.#end(id);
    } catch (error) {
      this.#end(id);
      this.post({ type: 'failed', id, failure: toSipflowError(error, 'FILE_ACCESS').toFailure() });
    }
  }

  close(): void {
    for (const id of [...this.#streams.keys()]) this.#end(id);
  }

  #load(id: number, request: LoadRequest): void {
    const source = openAudio(request.source, this.soundsDir);
    let keep = false;
    try {
      const key = source.cacheKey && `${source.cacheKey}\n${request.sampleRate}\n${request.strict}`;
      const cached = key === undefined ? undefined : this.cache.get(key);
      if (cached) {
        this.post({ type: 'loaded', id, ...cached });
        return;
      }
      const reader = openPcm(source, request.sampleRate, request.strict);
      if (reader.durationMs > WHOLE_MS) {
        this.#stream(id, { source, reader, request });
        keep = true;
        return;
      }
      const prompt = {
        samples: readWhole(reader, request.sampleRate),
        durationMs: Math.round(reader.durationMs),
      };
      if (key !== undefined) this.cache.set(key, prompt);
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
    const { reader, request } = stream;
    skip(reader, Math.round((request.offsetMs * request.sampleRate) / 1000));
    this.post({ type: 'streaming', id, durationMs: Math.round(reader.durationMs) });
    for (let chunk = 0; chunk < CHUNKS_AHEAD; chunk++) this.#sendChunk(id);
  }

  #sendChunk(id: number): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    const { sampleRate, strict, loop } = stream.request;
    const wanted = (sampleRate * CHUNK_MS) / 1000;
    const chunk = stream.reader.read(wanted);
    const atEnd = chunk.length < wanted;
    if (atEnd && loop) stream.reader = openPcm(stream.source, sampleRate, strict);
    const last = atEnd && !loop;
    this.post({ type: 'chunk', id, data: Int16Array.from(chunk).buffer, last });
    if (last) this.#end(id);
  }

  #end(id: number): void {
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
    // A reader may hand out its own buffer again.
    parts.push(part.slice());
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

function skip(reader: PcmReader, samples: number): void {
  for (let left = samples; left > 0;) {
    const skipped = reader.read(Math.min(left, 65536)).length;
    if (skipped === 0) return;
    left -= skipped;
  }
}
