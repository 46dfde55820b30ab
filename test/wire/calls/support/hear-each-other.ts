import assert from 'node:assert/strict';
import type { Call } from '../../../../lib/calls';

/**
 * Digits as tones in the audio itself, both ways at once: each side hears what the other one says. The NAT of the test
 * lives in this busy thread and may tear a tone apart, so a digit may be heard twice in a row, and what is left of an
 * earlier one is forgotten first.
 */
export async function hearEachOther(one: Call, other: Call): Promise<void> {
  const heard = Promise.all([
    one.gather({ pattern: '8+9', methods: ['inband'], firstDigitTimeout: 10, flush: true }),
    other.gather({ pattern: '1+2', methods: ['inband'], firstDigitTimeout: 10, flush: true }),
  ]);
  await Promise.all([
    one.sendDigits({ digits: '12', method: 'inband', toneMs: 200, gapMs: 200 }),
    other.sendDigits({ digits: '89', method: 'inband', toneMs: 200, gapMs: 200 }),
  ]);
  assert.deepEqual(
    (await heard).map(({ digits }) => digits.replace(/(.)\1+/g, '$1')),
    ['89', '12'],
  );
}
