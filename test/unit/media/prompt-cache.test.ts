import assert from 'node:assert/strict';
import { PromptCache } from '../../../lib/media/files/prompt-cache';

const prompt = (bytes: number): { samples: SharedArrayBuffer; durationMs: number } => ({
  samples: new SharedArrayBuffer(bytes),
  durationMs: 1,
});

describe('media: prompt cache', () => {
  it('forgets what was used longest ago when it would hold too much', () => {
    const cache = new PromptCache(100);
    cache.set('a', prompt(40));
    cache.set('b', prompt(40));
    cache.get('a');
    cache.set('c', prompt(40));
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => cache.get(key) !== undefined),
      [true, false, true],
    );
    assert.equal(cache.bytes, 80);
  });

  it('does not keep what alone is too large, and counts a replaced prompt once', () => {
    const cache = new PromptCache(100);
    cache.set('a', prompt(60));
    cache.set('huge', prompt(101));
    cache.set('a', prompt(50));
    assert.equal(cache.get('huge'), undefined);
    assert.equal(cache.bytes, 50);
  });
});
