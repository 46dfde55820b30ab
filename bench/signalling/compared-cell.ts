import type { Cell } from './cell';
import { mean, rounded } from './figures';
import { NOTED_PARSE_US } from './yardstick';

/** A cell with figures that can be compared between machines. */
export interface ComparedCell extends Cell {
  /** Time of a call as a multiple of that of the bare messages. */
  timesBare: number;
  /** Time of a call as a multiple of the other stack's at the same rate; `null` without the other stack. */
  timesForeign: number | null;
  /** Time of the yardstick's parse before and after, microseconds. */
  parseUs: readonly number[];
  /** `cpuMsPerCall` scaled by their mean to the machine that the target was set on. */
  cpuMsAsNoted: number;
}

/** Compares a cell of ours with the measurements around it. */
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
