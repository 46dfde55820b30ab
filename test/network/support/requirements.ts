import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What is missing for tests in network namespaces, or undefined when nothing is. */
export function missingForNetworks(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can make network namespaces';
  if (!isInstalled('ip')) return 'there is no program ip: install iproute2';
  if (!isInstalled('python3')) return 'there is no program python3: install it';
  if (!isAllowed('/dev/net/tun', constants.R_OK | constants.W_OK)) return 'there is no /dev/net/tun';
  return undefined;
}

/** What is missing for captures, or undefined when nothing is. */
export function missingForJudge(): string | undefined {
  if (isInstalled('tshark') && isInstalled('dumpcap')) return undefined;
  return 'there is no program tshark: install it';
}

/** Skips a suite when something is missing, which where CI is true is a failure instead. */
export function requireOrSkip(context: Mocha.Context, missing: string | undefined): void {
  if (missing === undefined) return;
  if (process.env.CI === 'true') throw new Error(`This cannot be tested here: ${missing}.`);
  console.log(`    skipped: ${missing}.`);
  context.skip();
}

function isInstalled(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.some((folder) => isAllowed(join(folder, program), constants.X_OK));
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
