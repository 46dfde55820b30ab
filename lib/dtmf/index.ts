/** Digits without I/O: telephone events (RFC 4733), tones and their detection, bodies of SIP INFO. */
export { eventOfDigit, normaliseDigits, PAUSE_MS } from './digits';
export { InbandDetector } from './inband-detector';
export { parseInfoBody, writeInfoBody } from './info-body';
export { Rfc4733Receiver, type DigitSink } from './rfc4733-receiver';
export { Rfc4733Sender } from './rfc4733-sender';
export { DtmfToneGenerator } from './tone-generator';
