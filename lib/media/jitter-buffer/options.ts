import { SipflowError } from '../../common';

/**
 * Mode of the jitter buffer.
 *
 * `off` hands packets on as they come: repeated and overtaken ones are dropped, nothing is concealed.
 * `fixed` keeps one delay above the fastest packets. `adaptive` sets the delay by the jitter it sees.
 */
export type JitterBufferMode = 'off' | 'fixed' | 'adaptive';

export interface JitterBufferOptions {
  mode: JitterBufferMode;
  /** RTP clock of the stream in Hz. */
  clockRate: number;
  /** Delay of `fixed`, and the one that `adaptive` begins with, in milliseconds (0–1000). */
  delayMs?: number;
  /** Limits of `adaptive` in milliseconds (0–1000). */
  minDelayMs?: number;
  maxDelayMs?: number;
  /** Packets that can wait; a power of two (2–256). */
  slots?: number;
  /** Longest payload in bytes; longer ones are discarded. 0 keeps no payloads, for statistics alone. */
  slotBytes?: number;
}

export const JITTER_BUFFER_DEFAULTS = {
  delayMs: 60,
  minDelayMs: 20,
  maxDelayMs: 200,
  slots: 64,
  slotBytes: 512,
} as const;

const MAX_DELAY_MS = 1000;
const MAX_SLOTS = 256;

/**
 * Fills in the defaults and checks the ranges.
 *
 * @throws SipflowError BAD_CONFIG that names the value.
 */
export function completeOptions(options: JitterBufferOptions): Required<JitterBufferOptions> {
  const complete = { ...JITTER_BUFFER_DEFAULTS, ...options };
  const { delayMs, minDelayMs, maxDelayMs, slots, slotBytes, clockRate } = complete;
  check(clockRate > 0, 'clock rate', clockRate, 'must be positive');
  check(inRange(delayMs), 'delay', delayMs, `must be 0 to ${MAX_DELAY_MS} ms`);
  check(inRange(minDelayMs), 'smallest delay', minDelayMs, `must be 0 to ${MAX_DELAY_MS} ms`);
  check(inRange(maxDelayMs), 'largest delay', maxDelayMs, `must be 0 to ${MAX_DELAY_MS} ms`);
  check(minDelayMs <= maxDelayMs, 'smallest delay', minDelayMs, 'must not exceed the largest');
  const powerOfTwo = Number.isInteger(slots) && (slots & (slots - 1)) === 0;
  check(
    powerOfTwo && slots >= 2 && slots <= MAX_SLOTS,
    'number of slots',
    slots,
    'must be a power of two up to 256',
  );
  check(
    Number.isInteger(slotBytes) && slotBytes >= 0 && slotBytes <= 65535,
    'slot size',
    slotBytes,
    'must be 0 to 65535 bytes',
  );
  return complete;
}

function inRange(ms: number): boolean {
  return ms >= 0 && ms <= MAX_DELAY_MS;
}

function check(valid: boolean, name: string, value: number, rule: string): void {
  if (!valid)
    throw new SipflowError('BAD_CONFIG', `The jitter buffer's ${name} ${rule}, not ${value}.`, {
      field: 'jitterBuffer',
    });
}
