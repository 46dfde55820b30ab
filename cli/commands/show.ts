import { dirname, relative, resolve } from 'node:path';
import { isLoadReport, parseLoadReport } from '../../lib/load';
import { ListReporter, readReport, writeView, writeWhole } from '../../lib/testing';
import { expression, text, UsageError, wholeNumber } from '../arguments';
import { newCommand, type AddCommand, type Terminal } from '../command';
import { EXIT } from '../exit-codes';
import { summaryFor } from '../load/summary';
import { writeLoadReport } from '../load/write-report';
import { safeText } from '../safe-text';
import { textIfAny, textOf } from '../test/flow-file';
import { chosenAttempt, EXPORTS, exportOf, type Choice, type Export } from '../show-export';

type ShowArguments = Partial<Record<Export | 'html', string>> & { case?: RegExp; row?: number };

const MOST_ROWS = 1_000_000;

/** `sipflow show`: a report on the terminal, as a page, or the calls of one of its attempts for other programs. */
export const addShow: AddCommand = (program, terminal, finish) => {
  const command = newCommand('show')
    .summary('show a report, make an HTML page of it, or export its calls')
    .argument(
      '<REPORT>',
      'a file report.json, results.jsonl of a run that was killed, or the report of a load',
    )
    .option('--html <FILE>', 'page to write instead', text)
    .option('--text <FILE>', 'ladder of one attempt as text', text)
    .option('--mermaid <FILE>', 'the same for Mermaid', text)
    .option('--svg <FILE>', 'the same as a picture', text)
    .option('--json <FILE>', 'the same as JSON', text)
    .option('--pcap <FILE>', 'the packets of its calls, as far as they were captured', text)
    .option('--case <REGEX>', 'which attempt: of the case whose title it matches', expression)
    .option('--row <N>', 'which attempt: of this row', wholeNumber(1, MOST_ROWS))
    .description(
      'Shows the failures and counts of a report on the terminal, writes it as one HTML file, or exports the calls of ' +
        'one attempt: the first that has failed, unless --case and --row say which.',
    )
    .action(async (path: string, options: ShowArguments) => {
      if (isLoadReport(textIfAny(path))) {
        await showLoad(path, options, terminal);
        return finish(EXIT.passed);
      }
      const report = await readReport(path);
      const base = dirname(resolve(path));
      const { html } = options;
      const exports = EXPORTS.filter((kind) => options[kind] !== undefined);
      if (html !== undefined) {
        await writeView('html', report, html, { base });
        terminal.print(safeText(html));
      }
      if (exports.length > 0) {
        const choice: Choice = { title: options.case, row: options.row };
        const chosen = chosenAttempt(report, choice);
        for (const kind of exports) {
          const file = options[kind] as string;
          await writeWhole(file, [await exportOf(kind, chosen, base)]);
          terminal.print(safeText(file));
        }
      }
      if (html === undefined && exports.length === 0) {
        const link = (file: string): string => relative(process.cwd(), resolve(base, file));
        new ListReporter({ out: terminal.out, env: terminal.env }).finish(report, { link });
      }
      finish(EXIT.passed);
    });
  program.addCommand(command);
};

/** The report of a load on the terminal, or as a page. */
async function showLoad(path: string, options: ShowArguments, terminal: Terminal): Promise<void> {
  const { html } = options;
  const report = parseLoadReport(textOf(path, path), path);
  const other = EXPORTS.find((kind) => options[kind] !== undefined);
  if (other)
    throw new UsageError(`The report of a load has no ${other} of one attempt; --html makes a page of it.`);
  if (html === undefined) return terminal.print(summaryFor(report, terminal));
  await writeLoadReport(report, html);
  terminal.print(safeText(html));
}
