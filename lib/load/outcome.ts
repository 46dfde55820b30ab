/** Figures of one call of a case, as far as they are known. */
export interface LoadCall {
  direction: 'in' | 'out';
  answered: boolean;
  /** Final status of the INVITE; absent when none came. */
  status?: number;
  /** INVITE to the final response, milliseconds. */
  setupMs?: number;
  /** INVITE to the first sign that the called side is alerted (180, 183, or the answer), milliseconds. */
  postDialDelayMs?: number;
  /** Answer to the end, milliseconds. */
  lengthMs?: number;
  /** 0 to 100. */
  lossPercent?: number;
  jitterMs?: number;
  /** 1 to 5. */
  mos?: number;
  /** Whether packets went one way only, though both were agreed. */
  oneWay?: boolean;
}

/** What became of one start: a case that ran to its verdict. */
export interface LoadOutcome {
  /** `stopped`: the run ended it before its verdict. */
  status: 'passed' | 'failed' | 'skipped' | 'stopped';
  /** Code of the first cause, when it failed. */
  cause?: string;
  calls: readonly LoadCall[];
}
