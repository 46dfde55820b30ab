import type { Options } from './arguments';
import type { Command } from './command';

const EXIT_CODES = `Exit code: 0 passed, 1 failed, 2 could not run, 130 interrupted.`;

/** Text of `sipflow --help`. */
export function generalHelp(commands: Readonly<Record<string, Command>>): string {
  return [
    'Usage: sipflow COMMAND [OPTIONS]',
    '',
    'Calls by SIP and RTP from the command line.',
    '',
    'Commands:',
    ...table(Object.entries(commands).map(([name, { summary }]) => [name, summary])),
    '',
    'Options:',
    ...table([
      ['--help', 'show this, or with a command what it does'],
      ['--version', 'show the version'],
    ]),
    '',
    EXIT_CODES,
  ].join('\n');
}

/** Text of `sipflow COMMAND --help`. */
export function commandHelp(name: string, { usage, description, options }: Command): string {
  return [
    `Usage: sipflow ${[name, usage].filter(Boolean).join(' ')} [OPTIONS]`,
    '',
    description,
    '',
    'Options:',
    ...table(optionRows(options)),
    '',
    EXIT_CODES,
  ].join('\n');
}

function optionRows(options: Options): (readonly [string, string])[] {
  const rows = Object.entries(options).map(
    ([name, { value, help }]) => [value === undefined ? `--${name}` : `--${name} ${value}`, help] as const,
  );
  return [...rows, ['--help', 'show this']];
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([term]) => term.length));
  return rows.map(([term, meaning]) => `  ${term.padEnd(width)}  ${meaning}`);
}
