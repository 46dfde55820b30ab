/** How every command ends; scripts and CI jobs rely on these numbers. */
export const EXIT = {
  /** Everything that was asked for happened. */
  passed: 0,
  /** It ran, and the answer is no: a case failed, the call was refused. */
  failed: 1,
  /** It could not run: a bad option, a file or an environment variable that is not there, an occupied port. */
  couldNotRun: 2,
  /** It ran, but its result must not be judged: what made the load was the limit, not what was loaded. */
  notJudged: 3,
  /** Ctrl-C or a termination signal came; calls were ended properly. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Line at the end of every help text. */
export const EXIT_CODES =
  'Exit code: 0 passed, 1 failed, 2 could not run, 3 ran but must not be judged, 130 interrupted.';
