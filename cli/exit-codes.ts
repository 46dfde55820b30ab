/** How every command ends; scripts and CI jobs rely on these numbers. */
export const EXIT = {
  /** Everything that was asked for happened. */
  passed: 0,
  /** It ran, and the answer is no: the call was refused, for example. */
  failed: 1,
  /** It could not run: a bad option, a file or an environment variable that is not there, an occupied port. */
  couldNotRun: 2,
  /** Ctrl-C or a termination signal came; calls were ended properly. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
