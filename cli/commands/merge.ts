import { dirname, extname, resolve } from 'node:path';
import { mergeFiles, writeView, type ViewName } from '../../lib/testing';
import { text, UsageError } from '../arguments';
import { newCommand, type AddCommand } from '../command';
import { EXIT } from '../exit-codes';
import { safeText } from '../safe-text';

/** Views by the ending of the file that they are written to. */
const VIEW_OF: Readonly<Record<string, ViewName>> = { '.json': 'json', '.html': 'html', '.xml': 'junit' };

/** `sipflow merge`: one report of several. */
export const addMerge: AddCommand = (program, terminal, finish) => {
  const command = newCommand('merge')
    .summary('make one report of several, such as those of shards')
    .argument('<REPORTS...>', 'files report.json, or results.jsonl of a run that was killed')
    .requiredOption('-o, --output <FILE>', `report to write: ${Object.keys(VIEW_OF).join(', ')}`, text)
    .description('Makes one report of several. Shards come in their order, other reports as they are named.')
    .action(async (reports: string[], { output }: { output: string }) => {
      const view = VIEW_OF[extname(output)];
      if (!view) throw new UsageError(`${output} has to end in ${Object.keys(VIEW_OF).join(' or ')}.`);
      const base = dirname(resolve(output));
      const report = await mergeFiles(reports, base);
      await writeView(view, report, output, { base });
      terminal.print(`${safeText(output)}: ${report.verdicts.length} verdicts of ${reports.length} reports`);
      finish(EXIT.passed);
    });
  program.addCommand(command);
};
