import type { Arguments, Options } from './arguments';
import type { ExitCode } from './exit-codes';

/** Output of a command, its signal to stop, and its environment. */
export interface Terminal {
  /** A line of results. */
  readonly print: (line: string) => void;
  /** Aborted by Ctrl-C and by a termination signal. */
  readonly interrupted: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Syntax of its arguments, after its name. */
  readonly usage: string;
  /** Text of its own help; lines of at most 100 characters. */
  readonly description: string;
  readonly options: Options;
  /** Number of arguments without `--` that it takes. */
  readonly positionals: number;
  /** @throws UsageError, SipflowError: shown as a sentence, exit code 2 */
  run(given: Arguments, terminal: Terminal): Promise<ExitCode>;
}
