/** Jitter buffer of the receiver: off, fixed or adaptive. */
export { addCounts, noCounts } from './counts';
export { JitterBuffer } from './jitter-buffer';
export {
  completeOptions,
  JITTER_BUFFER_DEFAULTS,
  type JitterBufferMode,
  type JitterBufferOptions,
} from './options';
export type { JitterBufferCounts, PlayoutPacket, PullOutcome, PutOutcome, RtpFields } from './types';
