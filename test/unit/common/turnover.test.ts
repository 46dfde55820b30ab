import assert from 'node:assert/strict';
import { TurnoverMap, TurnoverSet } from '../../../lib/common/turnover';

describe('TurnoverMap', () => {
  it('keeps, replaces and forgets', () => {
    const map = new TurnoverMap<string, number>();
    assert.equal(map.set('a', 1).set('b', 2).set('a', 3).size, 2);
    assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], [3, 2, undefined]);
    assert.deepEqual([map.has('b'), map.has('c')], [true, false]);
    assert.deepEqual([map.delete('b'), map.delete('b'), map.get('b'), map.size], [true, false, undefined, 1]);
    assert.deepEqual(map.first(), ['a', 3]);
    map.clear();
    assert.equal(map.first(), undefined);
    assert.deepEqual([map.size, map.get('a'), map.has('a')], [0, undefined, false]);
  });

  it('is gone through in the order of adding, while entries go', () => {
    const map = new TurnoverMap<string, number>();
    map.set('a', 1).set('b', 2).set('c', 3).set('a', 4);
    assert.deepEqual([...map], [...Object.entries({ a: 4, b: 2, c: 3 })]);
    assert.deepEqual([...map.keys()], ['a', 'b', 'c']);
    const seen: number[] = [];
    for (const value of map.values()) {
      seen.push(value);
      map.delete('b');
    }
    map.forEach((value, key) => seen.push(value, key.length));
    assert.deepEqual(seen, [4, 3, 4, 1, 3, 1]);
  });
});

describe('TurnoverSet', () => {
  it('keeps what was added until it goes', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
    const set = new TurnoverSet<{ name: string }>();
    for (const item of [a, b, c]) set.add(item);
    set.delete(a);
    set.delete(d);
    assert.equal(set.size, 2);
    assert.deepEqual(new Set(set), new Set([b, c]));
    for (const item of set) set.delete(item);
    assert.equal(set.size, 0);
  });
});
