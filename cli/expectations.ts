import { InvalidArgumentError } from 'commander';
import type { Call, World } from '../lib';
import { claimText, valueText } from '../lib/evidence';
import { parseCheck, runChecks, type CheckSpec } from '../lib/testing';
import { text } from './arguments';
import type { Terminal } from './command';
import { safeText } from './safe-text';

/** Who asks for the checks, in their results. */
const ASKED_BY = { id: 'sipflow-call', name: 'sipflow call', type: 'command' };

/** Reads the value of a repeatable `--expect`: `codec is PCMU`. */
export function expectations(typed: string, before: readonly CheckSpec[] = []): CheckSpec[] {
  try {
    return [...before, parseCheck(text(typed))];
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** Prints which expectations a call that is over has met; whether it has met all of them. */
export async function meets(
  call: Call,
  specs: readonly CheckSpec[],
  calls: World['calls'],
  { print }: Terminal,
): Promise<boolean> {
  const checks = await runChecks(specs, { calls, call: call.ref, node: ASKED_BY });
  for (const check of checks) {
    const { ok, got } = check;
    const outcome = ok ? '' : `, got ${got === undefined ? 'nothing' : valueText(got)}`;
    print(safeText(`${ok ? '✓' : '✗'} ${claimText(check)}${outcome}`));
  }
  return checks.every(({ ok, severity }) => ok || severity === 'warning');
}
