import type { Cell } from './cell';
import { mean, rounded } from './figures';
import { NOTED_PARSE_US } from './yardstick';

/** A cell with figures that can be compared between machines. */
export interface ComparedCell extends Cell {
  /** How often the time of bare messages each call took. */
  timesBare: number;
  /** How often the other stack's time at the same rate; `null` without the other stack. */
  timesForeign: number | null;
  /** What the yardstick took before and after, microseconds. */
  parseUs: readonly number[];
  /** `cpuMsPerCall` at the speed of the machine that the target is of, by the mean of them. */
  cpuMsAsNoted: number;
}

/** Sets a cell of ours beside what was measured around it. */
export function compare(
  cell: Cell,
  { bare, foreign, parseUs }: { bare: Cell; foreign: Cell | undefined; parseUs: readonly number[] },
): ComparedCell {
  return {
    ...cell,
    timesBare: rounded(cell.cpuMsPerCall / bare.cpuMsPerCall),
    timesForeign: foreign ? rounded(cell.cpuMsPerCall / foreign.cpuMsPerCall) : null,
    parseUs,
    cpuMsAsNoted: rounded((cell.cpuMsPerCall * NOTED_PARSE_US) / mean(parseUs)),
  };
}
