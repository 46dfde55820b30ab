import assert from 'node:assert/strict';
import { Cells, memory } from '../../../lib/media/memory/cells';
import { noteSeen, SEEN_CELLS, SEEN_NUMBERS } from '../../../lib/media/memory/seen-numbers';
import { seededRandom } from '../../support/random';

describe('media: cells, the memory of what every packet touches', () => {
  it('are zero at first, apart from each other, and stay as they are when the memory grows', () => {
    const before = memory.numbers.length;
    const taken: Cells[] = [];
    while (memory.numbers.length < 4 * before) {
      const cells = new Cells(100);
      assert.ok(memory.numbers.subarray(cells.at, cells.at + 100).every((number) => number === 0));
      memory.numbers.fill(taken.length + 1, cells.at, cells.at + 100);
      taken.push(cells);
    }
    taken.forEach(({ at }, index) => {
      assert.ok(memory.numbers.subarray(at, at + 100).every((number) => number === index + 1));
    });
    memory.words[2 * taken[0].at] = 7;
    assert.equal(new Int32Array(memory.numbers.buffer)[2 * taken[0].at], 7, 'words are halves of the cells');
  });

  it('remember which of the last 512 sequence numbers were there, whatever their order', () => {
    const random = seededRandom(3);
    const { at } = new Cells(SEEN_CELLS);
    const seen = new Set<number>();
    let highest = 0x10000;
    noteSeen(at, highest, highest - 1);
    seen.add(highest);
    for (let step = 0; step < 20_000; step++) {
      const jump = random() < 0.01 ? 3000 : random() < 0.5 ? 3 : -(SEEN_NUMBERS - 1);
      const number = highest + Math.round(random() * jump);
      assert.equal(noteSeen(at, number, highest), seen.has(number), `${number} after ${highest}`);
      seen.add(number);
      highest = Math.max(highest, number);
    }
  });
});
