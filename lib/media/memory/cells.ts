/** Cells that are there from the beginning: 64 kB. */
const FIRST_CELLS = 8192;
/** A line of a usual cache, in cells. */
const LINE = 8;

/**
 * Memory of this thread for the numbers that every packet reads and writes. With a thousand streams it is the wait for
 * memory that costs, not the arithmetic, and objects that point to each other are waited for one after another: numbers
 * that lie side by side, at places known in advance, come together.
 *
 * A cell is one `numbers` element or two `words`: cell `at` is `numbers[at]`, or `words[2 * at]` and `words[2 * at + 1]`.
 * Both arrays are replaced when the memory grows, so nobody keeps them beyond a call.
 */
export const memory = view(new ArrayBuffer(FIRST_CELLS * Float64Array.BYTES_PER_ELEMENT));

/** Cells given back, by how many there are in a row. */
const free = new Map<number, number[]>();
let used = 0;

const collected = new FinalizationRegistry(({ at, count }: { at: number; count: number }) => {
  const places = free.get(count);
  if (places) places.push(at);
  else free.set(count, [at]);
});

/** Cells in a row, all zero at first, until nobody has this object any more. */
export class Cells {
  /** The first of them. */
  readonly at: number;

  constructor(count: number) {
    const whole = Math.ceil(count / LINE) * LINE;
    this.at = free.get(whole)?.pop() ?? append(whole);
    memory.numbers.fill(0, this.at, this.at + whole);
    collected.register(this, { at: this.at, count: whole });
  }
}

/** A thing whose numbers lie in cells: its own, or a part of those of a larger one. */
export abstract class InCells {
  readonly at: number;

  /** @param place of its first cell within `cells`, which stay taken as long as it lives */
  constructor(
    protected readonly cells: Cells,
    place: number,
  ) {
    this.at = cells.at + place;
  }
}

function append(count: number): number {
  const at = used;
  used += count;
  if (used > memory.numbers.length) {
    const larger = view(new ArrayBuffer(2 * memory.numbers.byteLength));
    larger.numbers.set(memory.numbers);
    Object.assign(memory, larger);
  }
  return at;
}

function view(buffer: ArrayBuffer): { numbers: Float64Array; words: Int32Array } {
  return { numbers: new Float64Array(buffer), words: new Int32Array(buffer) };
}
