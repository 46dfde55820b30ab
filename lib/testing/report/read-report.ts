import { readFile } from 'node:fs/promises';
import type { Report } from '../types';
import { fileFault } from './file-faults';
import { reportShape } from './report-shape';
import { isResults, reportOfResults } from './results-reader';
import { assertShape, badReport } from './shape';

const FORMAT = 'sipflow-report/1';

/**
 * Reads a report, or the results file of a run, also of one that was killed.
 *
 * @throws SipflowError FILE_NOT_FOUND, FILE_ACCESS, or BAD_REPORT that says what is wrong and where
 */
export async function readReport(file: string): Promise<Report> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw fileFault(file, 'read', error);
  }
  return parseReport(text, file);
}

/**
 * The same for a text in memory.
 *
 * @param name says in errors which report it is
 * @throws SipflowError BAD_REPORT
 */
export function parseReport(text: string, name: string): Report {
  if (text.trim() === '') throw badReport(name, 'it is empty');
  if (isResults(text)) return reportOfResults(text, name);
  let value: Partial<Report> | null;
  try {
    value = JSON.parse(text) as Partial<Report> | null;
  } catch (error) {
    throw badReport(name, `it is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const format: unknown = value?.format;
  if (typeof format === 'string' && format !== FORMAT && format.startsWith('sipflow-report/')) {
    throw badReport(name, `it is a ${format}, of a newer version; this one reads ${FORMAT}`);
  }
  if (format !== FORMAT) throw badReport(name, `its "format" is not "${FORMAT}"`);
  assertShape(name, value, reportShape);
  return value as Report;
}

/** A report as JSON. */
export function reportJson(report: Report): string {
  return `${JSON.stringify(report)}\n`;
}
