import assert from 'node:assert/strict';
import { OneEntryMap } from '../../../lib/sip/core-adapter/one-entry-map';

describe('map of one entry', () => {
  it('does what a map does, with none, one and several entries', () => {
    const map = new OneEntryMap<string | undefined, number>();
    const like = new Map<string | undefined, number>();
    const keys = ['a', 'b', 'c', undefined];
    const both = [map, like] as const;
    const entries = (one: OneEntryMap<string | undefined, number> | typeof like): unknown[] => {
      const found: unknown[] = [];
      one.forEach((value, key) => found.push(`${key} ${value}`));
      return found.sort();
    };
    // Every order of these steps, with every key.
    let seed = 7;
    for (let step = 0; step < 5000; step++) {
      seed = (seed * 16_807) % 2_147_483_647;
      const key = keys[seed % keys.length];
      const action = (seed >> 8) % 10;
      if (action === 9) for (const each of both) each.clear();
      else if (action > 5) assert.equal(map.delete(key), like.delete(key));
      else for (const each of both) each.set(key, step);
      assert.equal(map.size, like.size);
      assert.deepEqual(entries(map), entries(like));
      for (const each of keys) {
        assert.equal(map.has(each), like.has(each));
        assert.equal(map.get(each), like.get(each));
      }
    }
  });
});
