import { extname } from 'node:path';
import { loadReportHtml, type LoadReport } from '../../lib/load';
import { writeWhole } from '../../lib/testing';

/**
 * Writes the report of a load to a file whose ending says how.
 *
 * @throws SipflowError FILE_ACCESS
 */
export async function writeLoadReport(report: LoadReport, file: string): Promise<void> {
  const text = extname(file) === '.html' ? loadReportHtml(report) : `${JSON.stringify(report)}\n`;
  await writeWhole(file, [text]);
}
