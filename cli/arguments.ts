import { InvalidArgumentError } from 'commander';

/** Error in what was typed that only a command can see: shown as a sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Value of an option that is any text: neither empty nor the next option, which means that the value was forgotten. */
export function text(value: string): string {
  if (value === '' || value.startsWith('--')) throw new InvalidArgumentError('It needs a value.');
  return value;
}

/** Values of an option that may be given several times, in the order of the command line. */
export function texts(value: string, before: readonly string[] = []): string[] {
  return [...before, text(value)];
}

/** Value of an option that is a regular expression. */
export function expression(value: string): RegExp {
  try {
    return new RegExp(text(value));
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** Reader of the value of an option that is a number from `min` to `max`. */
export function number(min: number, max: number): (value: string) => number {
  return (value) => {
    const read = Number(text(value));
    if (read >= min && read <= max) return read;
    throw new InvalidArgumentError(`It takes a number from ${min} to ${max}.`);
  };
}

/** Reader of the value of an option that is a whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (value: string) => number {
  const read = number(min, max);
  return (value) => {
    if (/^\d+$/.test(value)) return read(value);
    throw new InvalidArgumentError(`It takes a whole number from ${min} to ${max}.`);
  };
}
