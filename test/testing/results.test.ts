import assert from 'node:assert/strict';
import { TestResults } from '../../lib/testing/results';
import type { Attempt, Verdict } from '../../lib/testing';

function verdict(id: string, bytes: number): Verdict {
  const message = { text: 'x'.repeat(bytes) };
  const calls = [{ messages: [message] }] as unknown as Attempt['calls'];
  const attempt = { steps: [], checks: [], calls } as unknown as Attempt;
  return { id, case: 'c', attempts: [attempt] } as unknown as Verdict;
}

describe('results that are kept', () => {
  it('take no more bytes than they may, and always the latest', () => {
    const results = new TestResults({ results: 200, resultBytes: 100_000 });
    for (const id of ['a', 'b', 'c']) results.add(verdict(id, 40_000));
    assert.deepEqual(
      results.verdicts.map(({ id }) => id),
      ['b', 'c'],
    );
    results.add(verdict('large', 500_000));
    assert.deepEqual(
      results.verdicts.map(({ id }) => id),
      ['large'],
    );
    assert.ok(results.bytes > 500_000);
    results.add(verdict('d', 10));
    assert.ok(results.bytes < 10_000);
  });
});
