import { claimText, valueText } from '../../evidence';
import type { Attempt, Step, Verdict } from '../types';
import { causeOf, nodeName, type FirstCause } from './summary';

/** Characters of a value where there is room for it. */
const LONG_VALUE = 2_000;

/** Seconds with three digits: `1.234`. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** A cause in one line: the reason, and what was wanted and got. */
export function causeLine({ message, check }: FirstCause): string {
  if (!check) return message;
  const claim = `${claimText(check)}, got `;
  // The reason may show more of a long value.
  return message.includes(claim) ? message : `${message} (${claim}${gotText(check.got)})`;
}

/** A cause in lines: where it happened, what was wanted, what was got. */
export function causeLines({ message, node, attempt, check, code }: FirstCause): string[] {
  const atMs = attempt.reason?.atMs ?? check?.atMs;
  return [
    message,
    ...(node ? [`step: ${nodeName(node)} (${node.type})`] : []),
    ...(atMs === undefined ? [] : [`at: ${seconds(atMs)} s`]),
    ...(check
      ? [
          `check: ${claimText(check, LONG_VALUE)}`,
          `wanted: ${valueText(check.wanted ?? '', LONG_VALUE)}`,
          `got: ${gotText(check.got, LONG_VALUE)}`,
        ]
      : []),
    `code: ${code}`,
  ];
}

/** What a check got; a value that is not known says so. */
export function gotText(got: unknown, length?: number): string {
  return got === undefined || got === null ? 'nothing' : valueText(got, length);
}

/** A step in a line: `0.120 s  Call 1002: answered`. */
export function stepLine({ node, atMs, outcome, detail }: Step): string {
  return `${seconds(atMs)} s  ${nodeName(node)}: ${outcome}${detail ? ` (${detail})` : ''}`;
}

/** The attempts before the last one that failed, with their causes. */
export function earlierFailures(verdict: Verdict): { attempt: Attempt; cause: FirstCause }[] {
  return verdict.attempts.slice(0, -1).flatMap((attempt) => {
    const cause = causeOf(attempt);
    return cause ? [{ attempt, cause }] : [];
  });
}

/** Files that belong to an attempt, each once. */
export function filesOf(attempt: Attempt): { file: string; title: string; kind: string }[] {
  const named = new Map(attempt.artefacts.map((each) => [each.file, each]));
  const ofCalls = attempt.calls.flatMap(({ recordings, pcap }) => [
    ...recordings.map((file) => ({ file, title: baseName(file), kind: 'recording' })),
    ...(pcap === undefined ? [] : [{ file: pcap, title: baseName(pcap), kind: 'pcap' }]),
  ]);
  return [...named.values(), ...ofCalls.filter(({ file }) => !named.has(file))];
}

function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
