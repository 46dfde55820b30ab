import assert from 'node:assert/strict';
import { callInfo } from '../../../lib/calls/report/call-info';

describe('the facts of a call', () => {
  it('have their times as ISO 8601 has them, to the millisecond', () => {
    const second = Date.UTC(2026, 1, 28, 23, 59, 59);
    const times = [second, second + 999, second + 1000, second + 7, second + 1000.6, 0, 1];
    for (const startedAt of times) {
      const facts = {
        direction: 'out' as const,
        startedAt,
        answeredAt: startedAt,
        endedAt: startedAt,
        headers: {},
      };
      const info = callInfo(facts, 'ended', undefined, undefined, { phoneMethod: 'auto', now: startedAt });
      const expected = new Date(startedAt).toISOString();
      assert.deepEqual([info.startedAt, info.answeredAt, info.endedAt], [expected, expected, expected]);
    }
  });
});
