import assert from 'node:assert/strict';
import {
  applyAnswer,
  createOffer,
  parseSdp,
  type AppliedAnswer,
  type LocalAudio,
  type NegotiatedAudio,
} from '../../../lib/sdp';

/** Our side, as most tests need it. */
export function local(changes: Partial<LocalAudio> = {}): LocalAudio {
  return {
    address: '192.0.2.1',
    rtpPort: 10_000,
    rtcpPort: 10_001,
    codecs: ['PCMU', 'PCMA'],
    ptimeMs: 20,
    direction: 'sendrecv',
    telephoneEvent: true,
    origin: { sessionId: '4711', version: 1 },
    ...changes,
  };
}

/** The text of an offer. */
export function offerOf(mine: LocalAudio): string {
  return createOffer(mine).text;
}

/** Completes an offer that is known by its text. */
export function applied(offer: string, answer: string, mine: LocalAudio): AppliedAnswer {
  return applyAnswer(parseSdp(offer), answer, mine);
}

/** The audio of a successful negotiation. */
export function audioOf(
  result: { ok: true; audio: NegotiatedAudio } | { ok: false; diagnosis: string },
): NegotiatedAudio {
  assert.ok(result.ok, result.ok ? '' : result.diagnosis);
  return result.audio;
}

/** The answer text of a successful negotiation. */
export function answerOf(result: { ok: true; answer: string } | { ok: false; diagnosis: string }): string {
  assert.ok(result.ok, result.ok ? '' : result.diagnosis);
  return result.answer;
}

/** Lines of a description that begin so, without their line end. */
export function linesOf(text: string, prefix: string): string[] {
  return text.split('\r\n').filter((line) => line.startsWith(prefix));
}
