/** SRTP and SRTCP (RFC 3711, RFC 6188, RFC 7714) for the media worker: pure, in place, without allocation per packet. */
export { describeSrtpFault, SrtpFault } from './faults';
export { masterKeysOf, type MasterKey } from './master-key';
export { createSrtpReceiver, type SrtpReceiver } from './receiver';
export { createSrtpSender, type SrtpSender } from './sender';
export { masterLength, SRTP_SUITE_NAMES, srtpSuite, type SrtpSuite, type SrtpSuiteName } from './suites';
