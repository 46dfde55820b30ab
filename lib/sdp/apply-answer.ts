import { CODECS } from '../audio';
import { type AudioLine, addressFault, readAudioLine, readOfferedLine } from './audio-line';
import type { SessionDescription } from './description';
import { codecNames, diagnoseCodecs } from './diagnose';
import { combineDirections } from './direction';
import { failure, readDescription, unknownAddress } from './failure';
import { type AudioFormat, findTelephoneEvent, suitableTelephoneEvent } from './formats';
import { isOpenAudio } from './local-description';
import { sendingPacketTime } from './packet-time';
import { listNames } from './printable';
import { secureAnswered } from './security';
import type { LocalAudio, NegotiatedAudio, NegotiatedCodec, NegotiationFailure } from './types';

/** Result of `applyAnswer`: the negotiated audio, or why there is none. */
export type AppliedAnswer = { ok: true; audio: NegotiatedAudio } | NegotiationFailure;

/**
 * Completes our offer with the peer's answer (RFC 3264, 7). Codecs are matched by name, so an answer may
 * use other payload type numbers than the offer: ours are received, the peer's are sent. The first codec of
 * the answer is `codec`, further ones are `alternatives`; codecs that were not offered are ignored.
 *
 * @param offer our own, as `createOffer` gave it.
 * @param local what the offer was made of; its packet time counts when the answer names none, its policy
 * decides about an answer without keys.
 * Never throws: what cannot be read is a failure with the reason `malformed`.
 */
export function applyAnswer(offer: SessionDescription, answerText: string, local: LocalAudio): AppliedAnswer {
  const readAnswer = readDescription(answerText, 'the answer', local.hosts);
  if (!readAnswer.ok) return readAnswer;
  const answer = readAnswer.description;
  const place = offer.media.findIndex(isOpenAudio);
  if (place < 0) return failure('no-audio', 'our offer has no audio stream');
  const ours = readOfferedLine(offer, place);
  const theirs = answeredLine(answer, place, ours.formats);
  if (!theirs) return failure('no-audio', 'the answer has no audio stream where the offer had one');

  const fault = lineFault(ours, theirs);
  if (fault) return fault;
  const security = secureAnswered(ours, theirs, local.srtp?.policy === 'required');
  if (security.kind === 'fault') return failure('security', security.diagnosis);
  const [codec, ...alternatives] = commonCodecs(ours, theirs);
  if (!codec) return failure('codec', codecDiagnosis(ours, theirs));

  const { clockRate } = CODECS[codec.name];
  const sent = suitableTelephoneEvent(theirs.formats, clockRate);
  const received = sent && findTelephoneEvent(ours.formats, sent.clockRate);
  const rtcpMux = ours.rtcpMux && theirs.rtcpMux;
  const audio: NegotiatedAudio = {
    remote: {
      address: theirs.address ?? '',
      rtpPort: theirs.port,
      rtcpPort: rtcpMux ? theirs.port : theirs.rtcpPort,
    },
    codec,
    alternatives,
    ptimeMs: sendingPacketTime(codec.name, theirs, local.ptimeMs),
    direction: combineDirections(ours.direction, theirs.direction),
    peerDirection: theirs.direction,
    rtcpMux,
  };
  if (sent && received) {
    audio.telephoneEvent = {
      sendPayloadType: sent.payloadType,
      receivePayloadType: received.payloadType,
      clockRate: sent.clockRate,
    };
  }
  if (ours.rtcpXr && theirs.rtcpXr) audio.rtcpXr = true;
  if (security.kind === 'secured') audio.srtp = security.srtp;
  return { ok: true, audio };
}

/** The answer's line in the place of our audio; some peers leave rejected lines out, so any audio line will do. */
function answeredLine(
  answer: SessionDescription,
  place: number,
  known: readonly AudioFormat[],
): AudioLine | undefined {
  const isAudio = (index: number): boolean => answer.media[index]?.media === 'audio';
  const index = isAudio(place) ? place : answer.media.findIndex((media) => media.media === 'audio');
  return index < 0 ? undefined : readAudioLine(answer, index, known);
}

function lineFault(ours: AudioLine, theirs: AudioLine): NegotiationFailure | undefined {
  if (theirs.port === 0) {
    const offered = listNames(codecNames(ours.formats));
    return failure('rejected', `the answer refuses the audio stream (port 0); offered ${offered}`);
  }
  if (theirs.unknownAddressType !== undefined) return unknownAddress('the answer', theirs.unknownAddressType);
  const fault = addressFault(theirs);
  return fault === undefined ? undefined : failure('address', `the answer ${fault}`);
}

function commonCodecs(ours: AudioLine, theirs: AudioLine): NegotiatedCodec[] {
  const common: NegotiatedCodec[] = [];
  for (const { codec, payloadType, fmtp } of theirs.formats) {
    if (codec === undefined || common.some(({ name }) => name === codec)) continue;
    const own = ours.formats.find((candidate) => candidate.codec === codec);
    if (!own) continue;
    const found: NegotiatedCodec = {
      name: codec,
      sendPayloadType: payloadType,
      receivePayloadType: own.payloadType,
    };
    if (fmtp !== undefined) found.fmtp = fmtp;
    common.push(found);
  }
  return common;
}

function codecDiagnosis(ours: AudioLine, theirs: AudioLine): string {
  return diagnoseCodecs({
    offered: codecNames(ours.formats),
    allowed: codecNames(theirs.formats),
    offerer: 'this phone',
    answerer: 'the answer',
  });
}
