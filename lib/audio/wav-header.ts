import { SipflowError } from '../common';
import { imaFramesInBlock } from './ima-adpcm';
import { formatTagName, signatureName } from './wav-names';

/** Random access to the bytes of a file or buffer. */
export interface ByteSource {
  /** Total number of bytes. */
  readonly size: number;
  /**
   * The bytes from `offset` on, fewer than `length` only at the end of the source. They need to stay valid only
   * until the next call, so an implementation may reuse one buffer of `MAX_READ_BYTES`.
   */
  read(offset: number, length: number): Uint8Array;
}

/** Longest `read` of a `ByteSource`. */
export const MAX_READ_BYTES = 64 * 1024;

/** A `ByteSource` over bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

export type WavContainer = 'RIFF' | 'RIFX' | 'RF64' | 'BW64';
export type WavEncoding = 'pcm' | 'float' | 'alaw' | 'mulaw' | 'ima-adpcm';

/** Format of a WAV file and the place of its samples. */
export interface WavFormat {
  readonly container: WavContainer;
  readonly encoding: WavEncoding;
  /** Sample rate in Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Significant bits per sample, as the file names them; 4 for IMA ADPCM. */
  readonly bitsPerSample: number;
  /** Bytes per frame (one sample of every channel); for IMA ADPCM bytes per compressed block. */
  readonly blockAlign: number;
  /** Start of the samples, in bytes from the start of the file. */
  readonly dataOffset: number;
  /** Bytes of samples that the file really holds, whatever its header claims. */
  readonly dataBytes: number;
  /** Samples per channel. */
  readonly frames: number;
}

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FMT_MINIMUM_BYTES = 16;
/** Enough of `fmt ` for EXTENSIBLE with its sub-format; longer chunks carry nothing that matters here. */
const FMT_MAXIMUM_BYTES = 40;
/** A real file has a handful of chunks; a hostile one must not keep a worker busy. */
const MAX_CHUNKS = 1000;
const UNKNOWN_SIZE = 0xffffffff;
const TAG_EXTENSIBLE = 0xfffe;
const ENCODINGS: ReadonlyMap<number, WavEncoding> = new Map([
  [0x0001, 'pcm'],
  [0x0003, 'float'],
  [0x0006, 'alaw'],
  [0x0007, 'mulaw'],
  [0x0011, 'ima-adpcm'],
]);

/**
 * Reads the header of a WAV file: RIFF, RIFX (big-endian), RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088),
 * chunks in any order, odd sizes with or without padding, and data sizes that are zero, unknown, or larger
 * than the file (recorders that were killed).
 *
 * @throws SipflowError BAD_AUDIO with a sentence that names what is wrong.
 */
export function parseWavHeader(source: ByteSource): WavFormat {
  const head = source.read(0, RIFF_HEADER_BYTES);
  const container = readContainer(head);
  const view = new ChunkView(source, container === 'RIFX');
  let fmt: Uint8Array | undefined;
  let data: { offset: number; bytes: number } | undefined;
  let wideDataSize: number | undefined;
  const riffEnd = CHUNK_HEADER_BYTES + view.uint32(4);

  let offset = RIFF_HEADER_BYTES;
  for (let count = 0; !(fmt && data) && offset + CHUNK_HEADER_BYTES <= source.size; count++) {
    if (count === MAX_CHUNKS) throw badAudio(`has more than ${MAX_CHUNKS} chunks before its samples`);
    const id = view.text(offset, 4);
    const body = offset + CHUNK_HEADER_BYTES;
    let size = view.uint32(offset + 4);
    if (id === 'ds64' && size >= 24) wideDataSize = view.uint64(body + 8);
    else if (id === 'fmt ') fmt = new Uint8Array(source.read(body, Math.min(size, FMT_MAXIMUM_BYTES)));
    else if (id === 'data' && !data) {
      if (size === UNKNOWN_SIZE && wideDataSize !== undefined) size = wideDataSize;
      const available = source.size - body;
      const neverPatched = size === 0 && Math.abs(riffEnd - source.size) > 1;
      if (neverPatched || size > available) size = available;
      data = { offset: body, bytes: size };
    }
    offset = view.nextChunk(body, size);
  }
  if (!fmt) throw badAudio('has no format chunk ("fmt "); it is cut off or not a WAV file');
  if (!data) throw badAudio('has no samples (no "data" chunk); it is cut off');
  return describe(container, fmt, data);
}

/** Duration of the audio of a file, in milliseconds. */
export function wavDurationMs(format: WavFormat): number {
  return (format.frames / format.sampleRate) * 1000;
}

function readContainer(head: Uint8Array): WavContainer {
  const id = latin1(head, 0, 4);
  if (head.length === 0) throw badAudio('is empty');
  if (id !== 'RIFF' && id !== 'RIFX' && id !== 'RF64' && id !== 'BW64') {
    throw badAudio(`is not a WAV file: it ${signatureName(head) ?? 'does not begin with RIFF'}`);
  }
  if (head.length < RIFF_HEADER_BYTES) throw badAudio('is cut off after a few bytes');
  const form = latin1(head, 8, 4);
  if (form !== 'WAVE') throw badAudio(`is a RIFF file of type "${printable(form)}", not WAVE`);
  return id;
}

function describe(
  container: WavContainer,
  fmt: Uint8Array,
  data: { offset: number; bytes: number },
): WavFormat {
  if (fmt.length < FMT_MINIMUM_BYTES) {
    throw badAudio(`has a format chunk of ${fmt.length} bytes instead of at least ${FMT_MINIMUM_BYTES}`);
  }
  const view = new DataView(fmt.buffer, fmt.byteOffset, fmt.byteLength);
  const little = container !== 'RIFX';
  let tag = view.getUint16(0, little);
  const channels = view.getUint16(2, little);
  const sampleRate = view.getUint32(4, little);
  const claimedAlign = view.getUint16(12, little);
  const bitsPerSample = view.getUint16(14, little);
  if (tag === TAG_EXTENSIBLE) {
    if (fmt.length < FMT_MAXIMUM_BYTES)
      throw badAudio('has an EXTENSIBLE format chunk without its sub-format');
    tag = view.getUint32(24, little) & 0xffff;
  }
  const encoding = ENCODINGS.get(tag);
  if (!encoding) {
    throw badAudio(`is encoded as ${formatTagName(tag)}; convert it to PCM, A-law or mu-law`);
  }
  if (channels === 0) throw badAudio('says that it has no channels');
  if (channels > 64) throw badAudio(`says that it has ${channels} channels; at most 64 are supported`);
  if (sampleRate < 1000 || sampleRate > 768_000) {
    throw badAudio(`says that its sample rate is ${sampleRate} Hz; 1000 to 768000 Hz are supported`);
  }
  const blockAlign = checkedBlockAlign(encoding, channels, bitsPerSample, claimedAlign);
  const frames =
    encoding === 'ima-adpcm'
      ? imaFrames(data.bytes, blockAlign, channels)
      : Math.floor(data.bytes / blockAlign);
  return {
    container,
    encoding,
    sampleRate,
    channels,
    bitsPerSample,
    blockAlign,
    dataOffset: data.offset,
    dataBytes: data.bytes,
    frames,
  };
}

/** Some writers leave the block size at zero or wrong; it follows from the other fields wherever it may. */
function checkedBlockAlign(encoding: WavEncoding, channels: number, bits: number, claimed: number): number {
  if (encoding === 'ima-adpcm') {
    if (bits !== 4) throw badAudio(`is IMA ADPCM with ${bits} bits per sample; only 4 exist`);
    if (channels > 2) throw badAudio(`is IMA ADPCM with ${channels} channels; at most 2 are supported`);
    if (claimed <= 4 * channels) throw badAudio(`is IMA ADPCM with blocks of ${claimed} bytes`);
    return claimed;
  }
  if ((encoding === 'alaw' || encoding === 'mulaw') && bits !== 8) {
    throw badAudio(`is G.711 with ${bits} bits per sample; only 8 exist`);
  }
  if (encoding === 'float' && bits !== 32 && bits !== 64) {
    throw badAudio(`has floating-point samples of ${bits} bits; 32 and 64 are supported`);
  }
  if (encoding === 'pcm' && (bits < 1 || bits > 32)) {
    throw badAudio(`has PCM samples of ${bits} bits; 1 to 32 are supported`);
  }
  const bytes = Math.ceil(bits / 8);
  const container = claimed / channels;
  const roomy = encoding === 'pcm' && Number.isInteger(container) && container > bytes && container <= 4;
  return (roomy ? container : bytes) * channels;
}

/** Whole blocks, and a last one that may be short. */
function imaFrames(bytes: number, blockAlign: number, channels: number): number {
  const blocks = Math.floor(bytes / blockAlign);
  return blocks * imaFramesInBlock(blockAlign, channels) + imaFramesInBlock(bytes % blockAlign, channels);
}

/** Reads the fields of chunk headers in the byte order of the container. */
class ChunkView {
  constructor(
    private readonly source: ByteSource,
    private readonly bigEndian: boolean,
  ) {}

  uint32(offset: number): number {
    const bytes = this.source.read(offset, 4);
    return bytes.length < 4
      ? 0
      : new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, !this.bigEndian);
  }

  uint64(offset: number): number {
    const low = this.uint32(offset);
    return low + this.uint32(offset + 4) * 0x1_0000_0000;
  }

  text(offset: number, length: number): string {
    return latin1(this.source.read(offset, length), 0, length);
  }

  /** Odd chunks are padded to an even offset; writers that forget it are recognised by the id that follows. */
  nextChunk(body: number, size: number): number {
    const end = body + size;
    if (size % 2 === 0) return end;
    const isChunkId = (offset: number): boolean => /^[A-Za-z][A-Za-z0-9 _-]{3}$/.test(this.text(offset, 4));
    return isChunkId(end) && !isChunkId(end + 1) ? end : end + 1;
  }
}

function latin1(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

function badAudio(fact: string): SipflowError {
  return new SipflowError('BAD_AUDIO', `The audio ${fact}.`);
}
