import assert from 'node:assert/strict';
import type { MediaEngine } from '../../../lib/media';
import { latencyErrors, percentile } from './support/latency-trials';
import { runningEngine } from './support/sessions';

/** Turns that the machine must have had time for; on a busy one that takes several rounds. */
const TURNS = 8;
const MOST_ROUNDS = 5;

describe('latency against an agent that logs the truth', function () {
  this.timeout(150_000);
  let engine: MediaEngine;
  before(async () => {
    engine = await runningEngine({ workers: 1 });
  });
  after(() => engine.close());

  for (const [title, path] of [
    ['on a clean path', { loss: 0, jitterMs: 0 }],
    ['with 5 % loss and 60 ms jitter', { loss: 0.05, jitterMs: 60 }],
  ] as const) {
    it(`is right to 20 ms ${title}`, async () => {
      const errors: number[] = [];
      for (let round = 0; errors.length < TURNS && round < MOST_ROUNDS; round++) {
        errors.push(...(await latencyErrors(engine, { path, calls: 8, turns: 2 })));
      }
      assert.ok(
        errors.length >= TURNS,
        `${errors.length} turns in which the machine had time for the agents`,
      );
      const p95 = percentile(errors, 0.95);
      assert.ok(p95 <= 20, `95 %: ${p95} ms of ${errors.map((error) => error.toFixed(1)).join(' ')}`);
    });
  }
});
