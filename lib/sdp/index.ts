export { createAnswer, type AnswerResult } from './answer';
export { applyAnswer, type AppliedAnswer } from './apply-answer';
export type {
  SdpAttribute,
  SdpConnection,
  SdpLine,
  SdpMedia,
  SdpOrigin,
  SdpSection,
  SessionDescription,
} from './description';
export { diagnoseCodecs, offeredCodecNames, preflight, type CodecDiagnosis } from './diagnose';
export { diagnoseEncryption, encryptionOf, type OfferedEncryption } from './diagnose-encryption';
export { SdpError, type SdpFault } from './errors';
export { hostNames, type MediaHostName } from './host-names';
export { createOffer } from './offer';
export { SDP_LIMITS, parseSdp } from './parse';
export { reportSdp, SDP_REPORT_LIMITS, type SdpReport, type SdpReportCodec } from './report';
export { codecPreference, srtpPreference } from './preference';
export { SRTP_SUITES } from './types';
export type {
  Direction,
  LocalAudio,
  LocalSrtp,
  NegotiatedAudio,
  NegotiatedCodec,
  NegotiationFailure,
  NegotiationFault,
  NegotiatedSrtp,
  SrtpSuite,
} from './types';
export { writeSdp } from './write';
