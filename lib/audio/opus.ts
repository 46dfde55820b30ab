import { SipflowError } from '../common';

/** Opus encoder of the `libopus-wasm` package, as far as it is used here. */
export interface OpusEncoder {
  encode(pcm: Int16Array, options: { frameSize: number; maxPacketBytes: number }): Uint8Array;
  free(): void;
}

/** Opus decoder of the `libopus-wasm` package, as far as it is used here. Throws for bytes that are no Opus. */
export interface OpusDecoder {
  /** `null` is a lost packet; `decodeFec` decodes the packet's FEC copy of the one before it. */
  decode(packet: Uint8Array | null, options?: { decodeFec?: boolean; frameSize?: number }): Int16Array;
  free(): void;
}

/** The part of the `libopus-wasm` package that we use. */
export interface OpusLibrary {
  /** Makes the WebAssembly instance; afterwards coders are made within one turn of the event loop. */
  loadLibopus(): Promise<unknown>;
  createEncoder(options: {
    sampleRate: 48000;
    channels: 1;
    application: 2048;
    bitrate: number;
    complexity: number;
    fec: boolean;
    packetLossPercent: number;
  }): Promise<OpusEncoder>;
  createDecoder(options: { sampleRate: 48000; channels: 1 }): Promise<OpusDecoder>;
}

const PACKAGE = 'libopus-wasm';
/** Longest audio of one packet (RFC 6716, 3.2.5). */
const MAX_PACKET_MS = 120;
const SAMPLES_PER_MS = 48;

/**
 * Whether the optional package is there. It has no entry for `require`, which is another error than not to be
 * found at all.
 *
 * @param resolve for tests.
 */
export function opusInstalled(resolve: (name: string) => unknown = (name) => require.resolve(name)): boolean {
  try {
    resolve(PACKAGE);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND';
  }
}

/** The fault of a codec list that names Opus although its package is not installed. */
export function opusMissing(cause?: unknown): SipflowError {
  return new SipflowError(
    'BAD_CONFIG',
    `The codec OPUS needs the optional package ${PACKAGE}. Run "npm install ${PACKAGE}" in the folder in which this package is installed, and restart, or remove OPUS from the codecs.`,
    { cause, field: 'codecs' },
  );
}

/**
 * Loads the package. Rejects with BAD_CONFIG that says how to install it.
 *
 * @param load for tests.
 */
export async function loadOpus(
  load: () => Promise<OpusLibrary> = () => import(PACKAGE) as Promise<OpusLibrary>,
): Promise<OpusLibrary> {
  try {
    const library = await load();
    await library.loadLibopus();
    return library;
  } catch (cause) {
    throw opusMissing(cause);
  }
}

/**
 * Samples at 48 kHz in an Opus packet by its first bytes (RFC 6716, 3.1 and 3.2); 0 for bytes that are none.
 *
 * @param offset and @param length of the packet in `bytes`.
 */
export function opusSamples(bytes: Uint8Array, offset: number, length: number): number {
  if (length < 1) return 0;
  const toc = bytes[offset];
  const code = toc & 0x03;
  if (code === 3 && length < 2) return 0;
  const frames = code === 0 ? 1 : code < 3 ? 2 : bytes[offset + 1] & 0x3f;
  const samples = frames * frameSamples(toc >> 3);
  return samples <= MAX_PACKET_MS * SAMPLES_PER_MS ? samples : 0;
}

/** Table 2 of RFC 6716: SILK 10–60 ms, hybrid 10 or 20 ms, CELT 2.5–20 ms. */
function frameSamples(configuration: number): number {
  if (configuration >= 16) return (SAMPLES_PER_MS * 5 * 2 ** (configuration & 3)) / 2;
  if (configuration >= 12) return SAMPLES_PER_MS * 10 * (1 + (configuration & 1));
  return SAMPLES_PER_MS * [10, 20, 40, 60][configuration & 3];
}

/** Preferences of the receiver in its `a=fmtp` (RFC 7587, 6.1). */
export interface OpusPreferences {
  /** Bits per second. */
  bitrate: number;
  /** Whether it can use forward error correction. */
  fec: boolean;
}

const DEFAULT_BITRATE = 32_000;
const MIN_BITRATE = 6000;

/** Reads `useinbandfec` and `maxaveragebitrate`; everything else concerns what we do not send (stereo). */
export function opusPreferences(fmtp = ''): OpusPreferences {
  const parameters = new Map(
    fmtp.split(';').map((pair) => {
      const [name, value = ''] = pair.split('=');
      return [name.trim().toLowerCase(), value.trim()];
    }),
  );
  const limit = Number(parameters.get('maxaveragebitrate') ?? DEFAULT_BITRATE);
  const bitrate = Math.min(DEFAULT_BITRATE, Number.isFinite(limit) ? limit : DEFAULT_BITRATE);
  return {
    bitrate: Math.max(MIN_BITRATE, bitrate),
    fec: parameters.get('useinbandfec') === '1',
  };
}
