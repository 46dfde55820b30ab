import { SipflowError } from '../common';

/** Order in which a run takes the rows of its table: in turn and again, each once, or drawn by the seed. */
export type RowsOrder = 'sequential' | 'unique' | 'random';

export const ROWS_ORDERS: readonly RowsOrder[] = ['sequential', 'unique', 'random'];

/** Which row of a table a start takes: a matter of its number alone, so that shards of a run never meet. */
export class RowOrder {
  /**
   * @param rows number of rows; 0 = the run has no table
   * @param seed of the draw by `random`
   */
  constructor(
    private readonly rows: number,
    private readonly order: RowsOrder,
    private readonly seed: number,
  ) {}

  /** Starts for which there are rows. */
  get limit(): number {
    return this.order === 'unique' && this.rows > 0 ? this.rows : Infinity;
  }

  /** Index of the row of start `number`; undefined when there is no table, or when its rows are used up. */
  row(number: number): number | undefined {
    if (this.rows === 0 || number >= this.limit) return undefined;
    if (this.order !== 'random') return number % this.rows;
    return Math.floor(draw(this.seed, number) * this.rows);
  }

  /**
   * Checks that the rows last for the starts that the stages plan.
   *
   * @throws SipflowError BAD_CONFIG with both numbers
   */
  assertEnough(starts: number): void {
    if (starts <= this.limit) return;
    throw new SipflowError(
      'BAD_CONFIG',
      `The table has ${this.rows} rows, and the stages plan ${starts} starts with a row each: add rows, shorten the stages, or take the rows in turn ("sequential").`,
      { field: 'rowsOrder' },
    );
  }
}

/** A number from 0 to below 1 for a seed and an index: two rounds of the finaliser of MurmurHash3. */
function draw(seed: number, index: number): number {
  return mixed(mixed(seed | 0) ^ index) / 0x1_0000_0000;
}

function mixed(value: number): number {
  let hash = (value + 0x9e37_79b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
