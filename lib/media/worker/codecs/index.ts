import type { CodecName } from '../../../audio';
import type { Coder, FrameCodec, FrameCodecOptions } from './frame-codec';
import { pcma, pcmu } from './g711';
import { g722 } from './g722';
import { l16 } from './l16';
import { opus } from './opus';

export type { Coder, FrameCodec, FrameCodecOptions } from './frame-codec';

const CODERS: Record<CodecName, Coder> = { PCMU: pcmu, PCMA: pcma, G722: g722, L16: l16, OPUS: opus };

/** Makes a codec for one session. */
export function createFrameCodec(name: CodecName, options: FrameCodecOptions): FrameCodec {
  return CODERS[name].make(options);
}

/** Loads what these codecs need, so that none of them has to wait in a call. Rejects with BAD_CONFIG. */
export async function prepareCodecs(names: readonly CodecName[]): Promise<void> {
  await Promise.all(names.map(async (name) => CODERS[name].prepare?.()));
}

/** Registers the encoder and decoder of a codec in this media worker; `registerCodec` describes it. */
export function registerCoder(name: CodecName, coder: Coder): void {
  CODERS[name] = coder;
}
