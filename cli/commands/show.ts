import { dirname, relative, resolve } from 'node:path';
import { ListReporter, readReport, writeView } from '../../lib/testing';
import { text } from '../arguments';
import { newCommand, type AddCommand } from '../command';
import { EXIT } from '../exit-codes';
import { safeText } from '../safe-text';

/** `sipflow show`: a report on the terminal, or as a page. */
export const addShow: AddCommand = (program, terminal, finish) => {
  const command = newCommand('show')
    .summary('show a report, or make an HTML page of it')
    .argument('<REPORT>', 'a file report.json, or results.jsonl of a run that was killed')
    .option('--html <FILE>', 'page to write instead', text)
    .description('Shows the failures and counts of a report on the terminal, or writes it as one HTML file.')
    .action(async (path: string, { html }: { html?: string }) => {
      const report = await readReport(path);
      const base = dirname(resolve(path));
      if (html === undefined) {
        const link = (file: string): string => relative(process.cwd(), resolve(base, file));
        new ListReporter({ out: terminal.out, env: terminal.env }).finish(report, { link });
      } else {
        await writeView('html', report, html, { base });
        terminal.print(safeText(html));
      }
      finish(EXIT.passed);
    });
  program.addCommand(command);
};
