import { CommanderError, type Command } from 'commander';
import { SipflowError, type ErrorCode } from '../lib';
import { version } from '../package.json';
import { UsageError } from './arguments';
import { addAnswer } from './commands/answer';
import { addCall } from './commands/call';
import { addHear } from './commands/hear';
import { addLoad } from './commands/load';
import { addMerge } from './commands/merge';
import { addShow } from './commands/show';
import { addTest } from './commands/test';
import { addWorker } from './commands/worker';
import { newCommand, type AddCommand, type Terminal } from './command';
import { EXIT, EXIT_CODES, type ExitCode } from './exit-codes';
import { safeText } from './safe-text';

const COMMANDS: readonly AddCommand[] = [
  addTest,
  addLoad,
  addWorker,
  addMerge,
  addShow,
  addCall,
  addAnswer,
  addHear,
];

/** Faults of a call that ran; any other error kept it from running. */
const CALL_FAULTS: readonly ErrorCode[] = ['CALL_ENDED', 'MEDIA_NOT_READY', 'DTMF_NOT_NEGOTIATED'];

/**
 * Runs the command that was typed; never rejects.
 *
 * @param typed what was typed after `sipflow`
 */
export async function run(typed: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.passed;
  const program = makeProgram(terminal, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(typed.length === 0 ? ['--help'] : typed, { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, program.commands.find((command) => command.name() === typed[0])?.name(), terminal);
  }
}

function makeProgram(terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const program = newCommand('sipflow')
    .usage('COMMAND [options]')
    .description('Tests phone systems and makes calls by SIP and RTP from the command line.')
    .version(version, '--version', 'show the version')
    .helpOption('--help', 'show this, or with a command what it does')
    .addHelpText('afterAll', `\n${EXIT_CODES}`);
  for (const add of COMMANDS) add(program, terminal, finish);
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeOut: (text) => terminal.print(text.trimEnd()) });
  }
  return program;
}

/** Says why a command did not run to its end, and returns the exit code. */
function explain(error: unknown, command: string | undefined, { complain }: Terminal): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.passed;
  const sentence = error instanceof Error ? error.message : String(error);
  for (const line of sentence.split('\n')) complain(`sipflow: ${safeText(line.replace(/^error: /, ''))}`);
  if (error instanceof SipflowError) return CALL_FAULTS.includes(error.code) ? EXIT.failed : EXIT.couldNotRun;
  if (error instanceof CommanderError || error instanceof UsageError) {
    complain(`Try: sipflow ${command ? `${command} ` : ''}--help`);
  } else if (error instanceof Error) {
    complain(error.stack ?? '');
  }
  return EXIT.couldNotRun;
}
