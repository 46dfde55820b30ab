import {
  CODECS,
  loadOpus,
  type OpusDecoder,
  type OpusEncoder,
  type OpusLibrary,
  opusPreferences,
  opusSamples,
} from '../../../audio';
import type { Coder, FrameCodec } from './frame-codec';

/** Longest packet that we send: one frame (RFC 6716, 3.4). */
const MAX_BYTES = 1275;
/** Encoding takes a millisecond; 5 of 10 sounds like the best at these rates for speech. */
const COMPLEXITY = 5;
/** Loss that forward error correction is prepared for. */
const EXPECTED_LOSS_PERCENT = 10;
const VOIP = 2048;
const SAMPLES_PER_MS = 48;
/** Lengths of audio that one frame can have, in samples. */
const FRAME_SIZES: ReadonlySet<number> = new Set([10, 20, 40, 60].map((ms) => ms * SAMPLES_PER_MS));
/** Packets of silence after which the encoder's output has settled: the last one is sent again. */
const SETTLED_AFTER = 10;
const ZEROS = new Int16Array(60 * SAMPLES_PER_MS);

export const opus: Coder = {
  make: ({ use, fmtp, onFault }) => new OpusFrameCodec(use, fmtp, onFault),
  prepare: () => prepareOpus(),
};

let library: Promise<OpusLibrary> | undefined;

/** Loads libopus for this thread, once. Rejects with BAD_CONFIG when it is not installed. */
export function prepareOpus(load?: () => Promise<OpusLibrary>): Promise<OpusLibrary> {
  library ??= loadOpus(load);
  // The next call tries again: the package may be installed meanwhile.
  library.catch(() => (library = undefined));
  return library;
}

/**
 * Opus as a frame codec: mono at 48 kHz (RFC 7587). Encoder and decoder live in WebAssembly memory and must be
 * given back by `close`; each is made when it is first needed. Until the library is there, nothing is encoded
 * or decoded; `prepareOpus` before the session makes that a moment within one turn of the event loop.
 */
export class OpusFrameCodec implements FrameCodec {
  readonly name = 'OPUS';
  readonly sampleRate = CODECS.OPUS.sampleRate;
  readonly clockRate = CODECS.OPUS.clockRate;
  #encoder: OpusEncoder | undefined;
  #decoder: OpusDecoder | undefined;
  #closed = false;
  /** Packets of silence in a row, and the last of them. */
  #silent = 0;
  #silence = new Uint8Array(0);
  #silenceSamples = 0;

  /**
   * @param use which half is needed.
   * @param fmtp the peer's format parameters.
   * @param onFault the library cannot be loaded or used.
   */
  constructor(
    use: 'encode' | 'decode',
    fmtp: string | undefined,
    private readonly onFault: (error: unknown) => void = () => undefined,
  ) {
    this.#create(use, fmtp).catch((error: unknown) => this.onFault(error));
  }

  samples(payload: Uint8Array, offset: number, length: number): number {
    return opusSamples(payload, offset, length);
  }

  /** As much as a packet of several frames may have. */
  maxBytes(): number {
    return MAX_BYTES;
  }

  encode(pcm: Int16Array, count: number, payload: Uint8Array, offset: number): number {
    this.#silent = 0;
    return this.#encode(pcm, count, payload, offset);
  }

  silence(count: number, payload: Uint8Array, offset: number): number {
    if (this.#silent >= SETTLED_AFTER && count === this.#silenceSamples) {
      payload.set(this.#silence, offset);
      return this.#silence.length;
    }
    const length = this.#encode(ZEROS, count, payload, offset);
    this.#silent = count === this.#silenceSamples ? this.#silent + 1 : 1;
    this.#silenceSamples = count;
    if (this.#silent >= SETTLED_AFTER) this.#silence = payload.slice(offset, offset + length);
    return length;
  }

  decode(payload: Uint8Array, offset: number, length: number, pcm: Int16Array): number {
    try {
      const samples = this.#decoder?.decode(payload.subarray(offset, offset + length));
      return copy(samples, pcm);
    } catch {
      // An invalid Opus packet counts as lost.
      return 0;
    }
  }

  conceal(pcm: Int16Array, count: number): number {
    return this.#substitute(null, pcm, count);
  }

  recover(payload: Uint8Array, offset: number, length: number, pcm: Int16Array, count: number): number {
    return this.#substitute(payload.subarray(offset, offset + length), pcm, count);
  }

  close(): void {
    this.#closed = true;
    this.#encoder?.free();
    this.#decoder?.free();
    this.#encoder = undefined;
    this.#decoder = undefined;
  }

  async #create(use: 'encode' | 'decode', fmtp: string | undefined): Promise<void> {
    const libopus = await prepareOpus();
    const format = { sampleRate: 48000, channels: 1 } as const;
    if (use === 'decode') {
      this.#decoder = await libopus.createDecoder(format);
    } else {
      const { bitrate, fec } = opusPreferences(fmtp);
      this.#encoder = await libopus.createEncoder({
        ...format,
        application: VOIP,
        bitrate,
        complexity: COMPLEXITY,
        fec,
        packetLossPercent: fec ? EXPECTED_LOSS_PERCENT : 0,
      });
    }
    if (this.#closed) this.close();
  }

  #encode(pcm: Int16Array, count: number, payload: Uint8Array, offset: number): number {
    if (!this.#encoder || !FRAME_SIZES.has(count)) return 0;
    const bytes = this.#encoder.encode(pcm.subarray(0, count), {
      frameSize: count,
      maxPacketBytes: MAX_BYTES,
    });
    payload.set(bytes, offset);
    return bytes.length;
  }

  /** Audio in place of a lost packet; the decoder makes multiples of 2.5 ms. */
  #substitute(packet: Uint8Array | null, pcm: Int16Array, count: number): number {
    const frameSize = count - (count % (SAMPLES_PER_MS * 2.5));
    if (frameSize === 0) return 0;
    try {
      return copy(this.#decoder?.decode(packet, { decodeFec: packet !== null, frameSize }), pcm);
    } catch {
      return 0;
    }
  }
}

function copy(samples: Int16Array | undefined, pcm: Int16Array): number {
  if (!samples || samples.length > pcm.length) return 0;
  pcm.set(samples);
  return samples.length;
}
