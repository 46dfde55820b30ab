/**
 * Every default that users meet, decided here once. Durations in seconds unless the name ends in `Ms`.
 * The editor reads its initial values from the same table.
 */
export const DEFAULTS = {
  codecs: ['PCMU', 'PCMA'],
  pcmuFallback: true,
  ptime: 20,
  dtmfMethod: 'auto',
  srtp: 'off',
  srtpSuites: [
    'AES_CM_128_HMAC_SHA1_80',
    'AES_CM_128_HMAC_SHA1_32',
    'AES_256_CM_HMAC_SHA1_80',
    'AEAD_AES_256_GCM',
  ],
  rtpPortMin: 10000,
  rtpPortMax: 19999,
  maxCalls: 200,
  maxCallDuration: 7200,
  mediaTimeout: 5,
  rtpTimeout: 30,
  /** Seconds, after three retransmissions of an INVITE over UDP. */
  failOverAfter: 4,
  transferPolicy: 'trusted',
  acceptFrom: 'any',
  ringTimeout: 30,
  noAnswerTimeout: 30,
  noAnswerStatus: 480,
  waitTimeout: 30,
  firstDigitTimeout: 5,
  interDigitTimeout: 3,
  digitTimeoutFloor: 0.5,
  toneMs: 100,
  gapMs: 60,
  maxDuration: 0,
  silenceStop: 0,
  silenceLevel: -40,
  digitBuffer: 64,
  tombstoneSeconds: 300,
  tombstoneCount: 1000,
  finaliserSeconds: 3,
} as const;
