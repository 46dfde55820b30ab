import { parseArgs } from 'node:util';

/** One option of a command, as `--help` shows it. */
export interface Option {
  /** Placeholder of its value in the help, `SECONDS` for example; without it the option is a switch. */
  value?: string;
  /** One line. */
  help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** Arguments of a command. Of an option that is repeated, the last one counts. */
export interface Arguments {
  positionals: string[];
  /** Texts of the options that take one. */
  values: Readonly<Record<string, string>>;
  /** Names of the switches. */
  switches: ReadonlySet<string>;
}

/** Error in the typed arguments: shown as a sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads the arguments after a command. `--` ends the options.
 *
 * @param most how many arguments that are no options the command takes
 * @throws UsageError for an option that it does not have, a value that is missing or not taken, one argument too many
 */
export function readArguments(typed: readonly string[], options: Options, most: number): Arguments {
  const kinds = Object.entries(options).map(
    ([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }] as const,
  );
  const { tokens } = parseArgs({
    args: [...typed],
    options: Object.fromEntries(kinds),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const values: Record<string, string> = {};
  const switches = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (!option || !rawName.startsWith('--')) throw new UsageError(`There is no option ${rawName}.`);
    if (option.value === undefined) {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
      switches.add(name);
    } else if (value === undefined || value === '' || (!token.inlineValue && value.startsWith('--'))) {
      throw new UsageError(`${rawName} needs a value: ${rawName} ${option.value}.`);
    } else {
      values[name] = value;
    }
  }
  if (positionals.length > most) throw new UsageError(`"${positionals[most]}" is one argument too many.`);
  return { positionals, values, switches };
}

/**
 * The number in an option's value; undefined when the option was not given.
 *
 * @throws UsageError when it is none, or out of the range
 */
export function numberOf({ values }: Arguments, name: string, min: number, max: number): number | undefined {
  if (!Object.hasOwn(values, name)) return undefined;
  const number = Number(values[name]);
  if (number >= min && number <= max) return number;
  throw new UsageError(`--${name} takes a number from ${min} to ${max}, not "${values[name]}".`);
}
