import { dirname, extname, resolve } from 'node:path';
import { isLoadReport, mergeLoadReports, parseLoadReport } from '../../lib/load';
import { mergeFiles, writeView, type ViewName } from '../../lib/testing';
import { text, UsageError } from '../arguments';
import { newCommand, type AddCommand } from '../command';
import { EXIT } from '../exit-codes';
import { REPORT_ENDINGS } from '../load/options';
import { writeLoadReport } from '../load/write-report';
import { safeText } from '../safe-text';
import { textIfAny, textOf } from '../test/flow-file';

/** Views by the ending of the file that they are written to. */
const VIEW_OF: Readonly<Record<string, ViewName>> = { '.json': 'json', '.html': 'html', '.xml': 'junit' };

/** `sipflow merge`: one report of several. */
export const addMerge: AddCommand = (program, terminal, finish) => {
  const command = newCommand('merge')
    .summary('make one report of several, such as those of shards')
    .argument(
      '<REPORTS...>',
      'files report.json, or results.jsonl of a run that was killed; or reports of a load',
    )
    .requiredOption('-o, --output <FILE>', `report to write: ${Object.keys(VIEW_OF).join(', ')}`, text)
    .description(
      'Makes one report of several. Shards come in their order, other reports as they are named. Reports of a load have ' +
        'to be shards of one plan.',
    )
    .action(async (reports: string[], { output }: { output: string }) => {
      const isOfLoad = reports.some((path) => isLoadReport(textIfAny(path)));
      const said = isOfLoad ? await mergeLoads(reports, output) : await mergeTests(reports, output);
      for (const line of said) terminal.print(safeText(line));
      finish(EXIT.passed);
    });
  program.addCommand(command);
};

async function mergeTests(reports: string[], output: string): Promise<string[]> {
  const view = VIEW_OF[extname(output)];
  if (!view) throw new UsageError(`${output} has to end in ${Object.keys(VIEW_OF).join(' or ')}.`);
  const base = dirname(resolve(output));
  const report = await mergeFiles(reports, base);
  await writeView(view, report, output, { base });
  return [`${output}: ${report.verdicts.length} verdicts of ${reports.length} reports`];
}

/** Merges reports of a load, and says which shards are missing. */
async function mergeLoads(names: readonly string[], output: string): Promise<string[]> {
  if (!REPORT_ENDINGS.includes(extname(output))) {
    throw new UsageError(`${output} has to end in ${REPORT_ENDINGS.join(' or ')}.`);
  }
  const report = mergeLoadReports(names.map((name) => parseLoadReport(textOf(name, name), name)));
  await writeLoadReport(report, output);
  const { shards } = report.plan;
  const missing = Array.from({ length: shards }, (_, index) => index).filter(
    (each) => !report.shards.includes(each),
  );
  const absent = missing.map((index) => `Shard ${index + 1} of ${shards} is missing.`);
  return [
    `${output}: ${report.status}, ${report.figures.counters.started} starts of ${names.length} reports`,
    ...absent,
  ];
}
