import { BANDS } from './bands';

/** Bands of the coarse search: each is two of the fine ones. */
export const COARSE_BANDS = BANDS / 2;

/**
 * Pairs of frames with half the bands, the newest `capacity` of them, with running sums from which the mean and the
 * spread of any stretch follow. Laid out twice like `HeardFrames`.
 */
export class CoarseFrames {
  /** Levels, `COARSE_BANDS` for each pair. */
  readonly levels: Float32Array;
  /** Sum of the levels of each band over all pairs up to and including this one. */
  readonly sums: Float64Array;
  /** The same of the squares, all bands together. */
  readonly squares: Float64Array;
  /** Pairs so far. */
  count = 0;

  constructor(readonly capacity: number) {
    this.levels = new Float32Array(2 * capacity * COARSE_BANDS);
    this.sums = new Float64Array(2 * capacity * COARSE_BANDS);
    this.squares = new Float64Array(2 * capacity);
  }

  /** Place of a pair in the arrays; the pairs before it lie before that place without a break. */
  placeOf(pair: number): number {
    return (pair % this.capacity) + this.capacity;
  }

  /** Adds the pair of frames whose levels lie at the places `first` and `second`. */
  add(fine: Float32Array, first: number, second: number): void {
    const at = this.placeOf(this.count++);
    const to = at * COARSE_BANDS;
    let squares = this.squares[at - 1];
    for (let band = 0; band < COARSE_BANDS; band++) {
      const level = pooled(fine, first, second, band);
      this.levels[to + band] = level;
      this.sums[to + band] = this.sums[to - COARSE_BANDS + band] + level;
      squares += level * level;
    }
    this.squares[at] = squares;
    const again = at - this.capacity;
    this.levels.copyWithin(again * COARSE_BANDS, to, to + COARSE_BANDS);
    this.sums.copyWithin(again * COARSE_BANDS, to, to + COARSE_BANDS);
    this.squares[again] = squares;
  }
}

/** Mean level of two neighbouring bands in two frames. */
export function pooled(fine: Float32Array, first: number, second: number, band: number): number {
  const a = first * BANDS + 2 * band;
  const b = second * BANDS + 2 * band;
  return (fine[a] + fine[a + 1] + fine[b] + fine[b + 1]) / 4;
}
