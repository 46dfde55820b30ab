import type { CodecName } from '../audio';
import { readAudioLines } from './audio-line';
import { SdpError } from './errors';
import { type AudioFormat, formatName, isTelephoneEvent } from './formats';
import { parseSdp } from './parse';
import { listNames } from './printable';

/** Codec lists and names of both sides, for the sentence of `diagnoseCodecs`. */
export interface CodecDiagnosis {
  offered: readonly string[];
  /** Codecs that the other side accepts; absent when it did not say. */
  allowed?: readonly string[];
  /** Offerer, as a subject: "the peer", "this phone". Left out when absent. */
  offerer?: string;
  /** Owner of the list `allowed`; "this phone" when absent. */
  answerer?: string;
}

/**
 * One readable sentence (without a full stop) about an offer that found no codec, naming the offer, what is
 * allowed, and what is common: "no common codec: offered G722; this phone allows PCMU, PCMA". Names are
 * compared as they are: pass canonical ones, or what `offeredCodecNames` gave. Long and strange names from
 * the network are cut.
 */
export function diagnoseCodecs({ offered, allowed, offerer, answerer }: CodecDiagnosis): string {
  const offer = `${offerer === undefined ? '' : `${offerer} `}offered ${listNames(offered)}`;
  const who = answerer ?? 'this phone';
  if (allowed === undefined) return `${who} accepted no codec and did not say what it allows: ${offer}`;
  const common = offered.filter((name) => allowed.includes(name));
  const allows = `${who} allows ${listNames(allowed)}`;
  if (common.length === 0) return `no common codec: ${offer}; ${allows}`;
  return `refused although ${listNames(common)} is common: ${offer}; ${allows}`;
}

/**
 * Compares codec lists before an INVITE is sent (simulation mode, pitfall 3).
 *
 * @returns the common codecs in the order of the offer; a diagnosis when there are none.
 */
export function preflight(
  offered: readonly CodecName[],
  allowed: readonly CodecName[],
  who: { offerer?: string; answerer?: string } = {},
): { common: CodecName[]; diagnosis?: string } {
  const common = offered.filter((name) => allowed.includes(name));
  if (common.length > 0) return { common };
  return { common, diagnosis: diagnoseCodecs({ offered, allowed, ...who }) };
}

/**
 * The codecs that a description names in its audio lines, for people: canonical names for ours, the peer's
 * spelling for others, each once, without telephone events and comfort noise. Empty when it cannot be read.
 */
export function offeredCodecNames(sdp: string): string[] {
  try {
    return codecNames(readAudioLines(parseSdp(sdp)).flatMap((line) => line.formats));
  } catch (error) {
    if (error instanceof SdpError) return [];
    throw error;
  }
}

/** The names of the codecs among the formats; see `offeredCodecNames`. */
export function codecNames(formats: readonly AudioFormat[]): string[] {
  const codecs = formats.filter((format) => !isTelephoneEvent(format) && !isNoCodec(format));
  return [...new Set(codecs.map(formatName))];
}

function isNoCodec(format: AudioFormat): boolean {
  return ['CN', 'RED'].includes(format.encodingName.toUpperCase());
}
