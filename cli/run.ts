import { SipflowError, type ErrorCode } from '../lib';
import { version } from '../package.json';
import { readArguments, UsageError } from './arguments';
import { answer } from './commands/answer';
import { call } from './commands/call';
import type { Command, Terminal } from './command';
import { EXIT, type ExitCode } from './exit-codes';
import { commandHelp, generalHelp } from './help';
import { safeText } from './safe-text';

const COMMANDS: Readonly<Record<string, Command>> = { call, answer };

/** Faults of a call that ran; any other error kept it from running. */
const CALL_FAULTS: readonly ErrorCode[] = ['CALL_ENDED', 'MEDIA_NOT_READY', 'DTMF_NOT_NEGOTIATED'];

/**
 * Runs the command that was typed; never rejects.
 *
 * @param typed what was typed after `sipflow`
 * @param complain takes the sentence that says why it could not run
 */
export async function run(
  typed: readonly string[],
  terminal: Terminal,
  complain: (line: string) => void,
): Promise<ExitCode> {
  const [name = '--help', ...rest] = typed;
  try {
    return await dispatch(name, rest, terminal);
  } catch (error) {
    if (error instanceof SipflowError && CALL_FAULTS.includes(error.code)) {
      complain(`sipflow: ${safeText(error.message)}`);
      return EXIT.failed;
    }
    const command = Object.hasOwn(COMMANDS, name) ? `${name} ` : '';
    complain(`sipflow: ${safeText(error instanceof Error ? error.message : String(error))}`);
    if (error instanceof UsageError) complain(`Try: sipflow ${command}--help`);
    else if (!(error instanceof SipflowError) && error instanceof Error) complain(error.stack ?? '');
    return EXIT.couldNotRun;
  }
}

async function dispatch(name: string, rest: string[], terminal: Terminal): Promise<ExitCode> {
  if (name === '--help') return show(terminal, generalHelp(COMMANDS));
  if (name === '--version') return show(terminal, version);
  if (!Object.hasOwn(COMMANDS, name)) {
    const what = name.startsWith('-') ? 'option' : 'command';
    throw new UsageError(`There is no ${what} ${name}.`);
  }
  const command = COMMANDS[name];
  if (rest.includes('--help')) return show(terminal, commandHelp(name, command));
  return command.run(readArguments(rest, command.options, command.positionals), terminal);
}

function show({ print }: Terminal, text: string): ExitCode {
  print(text);
  return EXIT.passed;
}
