import { Command } from 'commander';
import type { ListOptions } from '../lib/testing';
import type { ExitCode } from './exit-codes';

/** Output of a command, its signal to stop, and its environment. */
export interface Terminal {
  /** A line of results. */
  readonly print: (line: string) => void;
  /** A line for people that is no result, such as the reason why a command could not run. */
  readonly complain: (line: string) => void;
  /** Aborted by Ctrl-C and by a termination signal. */
  readonly interrupted: AbortSignal;
  /** Aborted when that comes a second time, just before the process ends. */
  readonly insisted: AbortSignal;
  /** Where live lines go. */
  readonly out: ListOptions['out'];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Takes the exit code of a command that has run. */
export type Finish = (code: ExitCode) => void;

/** Adds a command of the package to the program. */
export type AddCommand = (program: Command, terminal: Terminal, finish: Finish) => void;

/** Width of help texts in characters; the same wherever it is printed. */
const HELP_WIDTH = 100;

/** A command of commander that neither prints errors by itself nor ends the process. */
export function newCommand(name: string): Command {
  return new Command(name)
    .exitOverride()
    .helpOption('--help', 'show this')
    .helpCommand(false)
    .configureHelp({ helpWidth: HELP_WIDTH, showGlobalOptions: false })
    .configureOutput({ writeErr: () => undefined });
}
