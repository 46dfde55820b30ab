import { Cells, InCells, memory } from '../../memory/cells';

/** The fastest packets are looked for over one to two of these. */
export const WINDOW_S = 5;

/** Numbers: the least transit of this window and of the one before, and where this one ends. */
export const FLOOR_CELLS = 3;
const LEAST = 0;
const LEAST_BEFORE = 1;
const WINDOW_END = 2;

/**
 * Least transit time of the recent packets, from their position to their arrival: the network only ever adds to it, so
 * its slow change is the drift between the two clocks. All in whole samples of one clock.
 */
export class TransitFloor extends InCells {
  constructor(cells = new Cells(FLOOR_CELLS), place = 0) {
    super(cells, place);
    this.restart();
  }

  /** Starts a new stream. */
  restart(): void {
    restartFloor(this.at);
  }

  /** @param transit of a packet, negative when it came before its place; @param arrival when it came. */
  accept(transit: number, arrival: number, sampleRate: number): void {
    noteTransit(this.at, transit, arrival, sampleRate);
  }

  /** Transit of the fastest packets; 0 before the first one. */
  get value(): number {
    return floorOf(this.at);
  }

  /** Positions are `by` samples later from now on. */
  moved(by: number): void {
    moveFloor(this.at, by);
  }
}

/** The methods of a `TransitFloor` for those who know its cells. */
export function restartFloor(at: number): void {
  const { numbers } = memory;
  numbers[at + LEAST] = Infinity;
  numbers[at + LEAST_BEFORE] = Infinity;
  numbers[at + WINDOW_END] = -Infinity;
}

export function noteTransit(at: number, transit: number, arrival: number, sampleRate: number): void {
  const { numbers } = memory;
  if (arrival >= numbers[at + WINDOW_END]) {
    numbers[at + LEAST_BEFORE] = numbers[at + LEAST];
    numbers[at + LEAST] = transit;
    numbers[at + WINDOW_END] = arrival + WINDOW_S * sampleRate;
  } else if (transit < numbers[at + LEAST]) {
    numbers[at + LEAST] = transit;
  }
}

export function floorOf(at: number): number {
  const { numbers } = memory;
  const least = Math.min(numbers[at + LEAST], numbers[at + LEAST_BEFORE]);
  return least === Infinity ? 0 : least;
}

export function moveFloor(at: number, by: number): void {
  const { numbers } = memory;
  numbers[at + LEAST] -= by;
  numbers[at + LEAST_BEFORE] -= by;
}
