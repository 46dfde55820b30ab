import type { LadderLanguage } from '../../evidence';
import { pageBegin, pageData, pageEnd, plainTable } from '../../page';
import type { LoadReport } from '../report';
import { clockText, countText, figureText } from './figure-text';
import { outcomeName } from './outcome';
import { pageAssets } from './page-assets';
import { loadPage } from './page-data';
import type { LoadPage } from './page/model';
import { wordsIn } from './page/words';

export interface LoadHtmlOptions {
  /** Of the page, whose reader may choose another; as the browser likes it when absent. */
  language?: LadderLanguage;
  /** Of the page; the title of the case when absent. */
  title?: string;
}

/**
 * A report of a load run as one page that loads nothing: what came of it, a chart over time of each figure, the verdict
 * on each stage, thresholds, failures by cause with evidence of the first. A run of any length makes less than 5 MB.
 */
export function loadReportHtml(report: LoadReport, options: LoadHtmlOptions = {}): string {
  const { language, title = report.plan.title || 'SIPFLOW' } = options;
  const page = loadPage(report, { title, ...(language ? { language } : {}) });
  const frame = { title, language, ...pageAssets(), plain: plainText(page) };
  return [pageBegin(frame), pageData('load', page), pageEnd(frame)].join('');
}

function plainText(page: LoadPage): string {
  const { stages, thresholds, language } = page;
  const words = wordsIn(language ?? 'en');
  const stageTable = plainTable(
    [words.stage, words.time, words.verdict, words.started, words.failed],
    stages.map(({ text, beginMs, verdict, counters }) => [
      text,
      clockText(beginMs),
      [words.verdicts[verdict.kind], ...verdict.reasons].join(' '),
      countText(counters.started),
      countText(counters.failed),
    ]),
  );
  const thresholdTable = plainTable(
    [words.threshold, '', words.got],
    thresholds.map(({ text, ok, got, unit }) => [
      text,
      ok ? words.met : words.missed,
      got === undefined ? words.nothing : figureText(got, unit),
    ]),
  );
  return `<p>${words.status[outcomeName(page)]}</p>\n${stageTable}\n${thresholdTable}`;
}
