import { dirname } from 'node:path';
import type { Attempt, Report } from '../types';
import { linkTo } from './links';
import { mergeReports } from './merge';
import { readReport } from './read-report';

/** The same attempt with other paths of its files. */
export function withFiles(attempt: Attempt, move: (file: string) => string): Attempt {
  return {
    ...attempt,
    artefacts: attempt.artefacts.map((artefact) => ({ ...artefact, file: move(artefact.file) })),
    calls: attempt.calls.map(({ pcap, ...call }) => ({
      ...call,
      recordings: call.recordings.map(move),
      ...(pcap === undefined ? {} : { pcap: move(pcap) }),
    })),
  };
}

/** The same report for another folder: its paths lead to the same files from there. */
export function relocated(report: Report, from: string, to: string): Report {
  const moved = (attempt: Attempt): Attempt => withFiles(attempt, (file) => linkTo(file, from, to));
  return {
    ...report,
    verdicts: report.verdicts.map((verdict) => ({ ...verdict, attempts: verdict.attempts.map(moved) })),
  };
}

/**
 * Reads reports and makes one of them (`mergeReports`), with paths from another folder.
 *
 * @param folder where the merged report will lie
 * @throws SipflowError FILE_NOT_FOUND, FILE_ACCESS, BAD_REPORT
 */
export async function mergeFiles(files: readonly string[], folder: string): Promise<Report> {
  const reports: Report[] = [];
  for (const file of files) reports.push(relocated(await readReport(file), dirname(file), folder));
  return mergeReports(reports);
}
