import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ladderJson, ladderMermaid, ladderSvg, ladderText, mergePcaps, pcapOf } from '../lib';
import { ladderOfAttempt, type Attempt, type Report, type Verdict } from '../lib/testing';
import { UsageError } from './arguments';

/** Ways in which `sipflow show` gives the calls of one attempt. */
export const EXPORTS = ['text', 'mermaid', 'svg', 'json', 'pcap'] as const;
export type Export = (typeof EXPORTS)[number];

/** Which attempt of a report is exported. */
export interface Choice {
  title?: RegExp | undefined;
  row?: number | undefined;
}

/**
 * The verdict that is meant, with its last attempt that failed: the first verdict that has not passed, of those that are
 * chosen, or the first one.
 *
 * @throws UsageError when there is none
 */
export function chosenAttempt(
  report: Report,
  { title, row }: Choice,
): { verdict: Verdict; attempt: Attempt } {
  const chosen = report.verdicts.filter(
    (verdict) =>
      verdict.attempts.length > 0 &&
      (title === undefined || title.test(verdict.title)) &&
      (row === undefined || verdict.row === row),
  );
  const verdict = chosen.find(({ status }) => status === 'failed' || status === 'flaky') ?? chosen.at(0);
  const attempt = verdict?.attempts.findLast(({ status }) => status === 'failed') ?? verdict?.attempts.at(-1);
  if (verdict && attempt) return { verdict, attempt };
  throw new UsageError('The report has no attempt that --case and --row choose.');
}

/**
 * The calls of an attempt in one of the forms.
 *
 * @param base folder that the paths in the report are relative to
 */
export async function exportOf(
  kind: Export,
  { verdict, attempt }: { verdict: Verdict; attempt: Attempt },
  base: string,
): Promise<string | Uint8Array> {
  if (kind === 'pcap') return pcapOfAttempt(attempt, base);
  const ladder = ladderOfAttempt(verdict, attempt);
  const { title } = verdict;
  return {
    text: () => ladderText(ladder),
    mermaid: () => ladderMermaid(ladder),
    svg: () => ladderSvg(ladder, { title }),
    json: () => ladderJson(ladder),
  }[kind]();
}

/** The packets of all calls; of those whose file is not there, their messages. */
async function pcapOfAttempt({ calls }: Attempt, base: string): Promise<Uint8Array> {
  const files = calls.map(async ({ pcap, messages }) => {
    const saved = pcap === undefined ? undefined : await readFile(resolve(base, pcap)).catch(() => undefined);
    return saved ?? pcapOf([{ messages }]);
  });
  return mergePcaps(await Promise.all(files));
}
