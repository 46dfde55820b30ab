/** Whether the short runs for CI are wanted. */
export const SHORT = process.argv.includes('--short');

/** The first exceptions that nobody caught, and those that were caught and told as warnings. */
const exceptions: string[] = [];
let exceptionCount = 0;

/** Counts every exception from now on instead of ending the process. */
export function watchExceptions(): void {
  const note = (error: unknown): void => {
    exceptionCount += 1;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (exceptions.length < 5) exceptions.push(text.split('\n').slice(0, 6).join('\n'));
  };
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  process.on('warning', note);
}

/** Exceptions and warnings so far. */
export function exceptionsSeen(): number {
  return exceptionCount;
}

/**
 * Prints the figures of one part as a line of JSON and fails the process unless every demand is met.
 *
 * @param demands sentences that must be true
 */
export function report(
  part: string,
  figures: Record<string, unknown>,
  demands: Record<string, boolean>,
): void {
  const unmet = Object.keys(demands).filter((demand) => !demands[demand]);
  console.log(
    JSON.stringify({ part, ok: unmet.length === 0, ...figures, ...(unmet.length > 0 && { unmet }) }),
  );
  for (const text of exceptions.splice(0)) console.error(text);
  if (unmet.length > 0) process.exitCode = 1;
}
