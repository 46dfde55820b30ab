import { type CodecName, CODECS } from '../audio';
import { type AudioLine, addressFault, readAudioLines } from './audio-line';
import type { CryptoLine } from './crypto';
import type { SessionDescription } from './description';
import { codecNames, diagnoseCodecs } from './diagnose';
import { combineDirections } from './direction';
import { failure, readDescription, unknownAddress } from './failure';
import { type AudioFormat, suitableTelephoneEvent } from './formats';
import { closedMedia, localAudioMedia, localDescription, previousDescription } from './local-description';
import { sendingPacketTime } from './packet-time';
import { answeredFormats } from './payload-types';
import { printable } from './printable';
import { type Security, dtlsDiagnosis, isDtlsProtocol, isKnownProtocol, secureAnswer } from './security';
import type { LocalAudio, NegotiatedAudio, NegotiationFailure } from './types';
import { writeSdp } from './write';

/** Result of `createAnswer`: the text to send and the audio that it settles, or why there is no answer. */
export type AnswerResult = { ok: true; answer: string; audio: NegotiatedAudio } | NegotiationFailure;

/**
 * Answers an offer (RFC 3264, 6) with exactly one audio codec and, when asked for, telephone events (at its
 * clock, where the offer has them): some peers re-negotiate at once when an answer lists two codecs.
 *
 * The codec is the first of the offer that `local.codecs` contains: the offerer's order decides, as RFC 3264
 * recommends; our list says what is allowed. The first audio line with such a codec is taken
 * (with `local.srtp` an encrypted one before a plain one); every other media line is refused with port 0 in its
 * place. Payload types are the offerer's numbers.
 *
 * Never throws: what cannot be read is a failure with the reason `malformed`.
 */
export function createAnswer(offerText: string, local: LocalAudio): AnswerResult {
  const read = readDescription(offerText, 'the offer', local.hosts);
  if (!read.ok) return read;
  const offer = read.description;
  const lines = readAudioLines(offer).filter((line) => line.port !== 0);
  if (lines.length === 0) return failure('no-audio', noAudioDiagnosis(offer));

  const past = previousDescription(local).audio?.crypto ?? [];
  const choices = lines.map((line) => chooseLine(line, local, past));
  const acceptable = choices.filter((choice) => 'line' in choice);
  const chosen = acceptable.find((choice) => choice.security.kind === 'secured') ?? acceptable[0];
  if (chosen) return answerWith(offer, chosen, local);
  const [firstFault] = choices.filter((choice) => 'ok' in choice);
  return firstFault ?? failure('no-audio', noAudioDiagnosis(offer));
}

interface Choice {
  line: AudioLine;
  format: AudioFormat;
  codec: CodecName;
  security: Exclude<Security, { kind: 'fault' }>;
}

function chooseLine(
  line: AudioLine,
  local: LocalAudio,
  past: readonly CryptoLine[],
): Choice | NegotiationFailure {
  if (isDtlsProtocol(line.protocol)) return failure('security', dtlsDiagnosis(line.protocol));
  if (!isKnownProtocol(line.protocol)) {
    return failure(
      'security',
      `the offer wants ${printable(line.protocol)}; this phone speaks RTP/AVP and RTP/SAVP`,
    );
  }
  if (line.unknownAddressType !== undefined) return unknownAddress('the offer', line.unknownAddressType);
  const fault = addressFault(line);
  if (fault !== undefined) return failure('address', `the offer ${fault}`);
  const security = secureAnswer(line, local.srtp, past);
  if (security.kind === 'fault') return failure('security', security.diagnosis);
  for (const format of line.formats) {
    if (format.codec && local.codecs.includes(format.codec)) {
      return { line, format, codec: format.codec, security };
    }
  }
  return failure('codec', diagnoseCodecs({ offered: codecNames(line.formats), allowed: local.codecs }));
}

function answerWith(
  offer: SessionDescription,
  { line, format, codec, security }: Choice,
  local: LocalAudio,
): AnswerResult {
  const { clockRate } = CODECS[codec];
  const event = local.telephoneEvent ? suitableTelephoneEvent(line.formats, clockRate) : undefined;
  const ptimeMs = sendingPacketTime(codec, line, local.ptimeMs);
  const direction = combineDirections(local.direction, line.direction);
  const rtcpMux = line.rtcpMux && local.rtcpMux !== false;

  const media = offer.media.map(closedMedia);
  media[line.index] = localAudioMedia(local, {
    protocol: line.protocol,
    formats: answeredFormats(codec, format.payloadType, event),
    ptimeMs,
    direction,
    rtcpMux,
    rtcpXr: line.rtcpXr,
    nameRtcpPort: !rtcpMux,
    crypto: security.kind === 'secured' ? [security.line] : [],
  });
  const { payloadType, fmtp } = format;
  const audio: NegotiatedAudio = {
    remote: {
      address: line.address ?? '',
      rtpPort: line.port,
      rtcpPort: rtcpMux ? line.port : line.rtcpPort,
    },
    codec: { name: codec, sendPayloadType: payloadType, receivePayloadType: payloadType },
    alternatives: [],
    ptimeMs,
    direction,
    peerDirection: line.direction,
    rtcpMux,
  };
  if (fmtp !== undefined) audio.codec.fmtp = fmtp;
  if (event) {
    const number = event.payloadType;
    audio.telephoneEvent = {
      sendPayloadType: number,
      receivePayloadType: number,
      clockRate: event.clockRate,
    };
  }
  if (line.rtcpXr) audio.rtcpXr = true;
  if (security.kind === 'secured') audio.srtp = security.srtp;
  return { ok: true, answer: writeSdp(localDescription(local, media)), audio };
}

function noAudioDiagnosis(offer: SessionDescription): string {
  if (offer.media.length === 0) return 'the offer has no media line';
  if (offer.media.some((media) => media.media === 'audio')) {
    return 'the offer switches its audio stream off (port 0)';
  }
  const kinds = [...new Set(offer.media.map((media) => printable(media.media)))].slice(0, 4);
  return `the offer has no audio stream, only ${kinds.join(', ')}`;
}
