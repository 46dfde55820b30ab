import type { LadderLanguage } from '../../../evidence';
import { pageBegin, pageData, pageEnd, plainTable } from '../../../page';
import type { Report } from '../../types';
import { linkTo } from '../links';
import type { PageIndex, PageVerdict } from '../page/model';
import { STATUSES } from '../page/state';
import { EN } from '../page/words-en';
import { KO } from '../page/words-ko';
import { pageAssets } from './page-assets';
import { pageIndex, pageVerdict } from './page-data';
import { Sounds } from './sounds';

/** Bytes of audio in a page when nothing else is said. */
const AUDIO_BUDGET = 10 * 1024 * 1024;
/** Characters of a page above which the messages of passed verdicts are left out. */
const TEXT_BUDGET = 15 * 1024 * 1024;

export interface HtmlOptions {
  /** Folder that the paths in the report are relative to: the one of its file. */
  base: string;
  /** Folder where the page will lie, to which its links are relative. */
  folder: string;
  /** Of the page, whose reader may choose another; as the browser likes it when absent. */
  language?: LadderLanguage;
  title?: string;
  /** Bytes of audio that lie in the page, Base64; 10 MiB when absent. Further recordings are linked. */
  audioBudget?: number;
}

/**
 * A report as one page that loads nothing: a summary with filters, and a page for each verdict. Recordings of failed
 * attempts are in it as far as the budget goes; files that are missing are left out.
 */
export async function htmlReport(report: Report, options: HtmlOptions): Promise<string> {
  const parts: string[] = [];
  for await (const part of htmlParts(report, options)) parts.push(part);
  return parts.join('');
}

/** The page in pieces, so that it need not be in memory as a whole. */
export async function* htmlParts(report: Report, options: HtmlOptions): AsyncGenerator<string, void, void> {
  const { base, folder, language, title = 'SIPFLOW', audioBudget = AUDIO_BUDGET } = options;
  const link = (file: string): string => urlOf(linkTo(file, base, folder));
  const page = { title, link, ...(language ? { language } : {}) };
  const index = pageIndex(report, page);
  const sounds = new Sounds({ base, link, budget: audioBudget });
  yield begin(index);
  yield pageData('index', index);
  let written = 0;
  for (const [place, verdict] of report.verdicts.entries()) {
    const whole = await pageVerdict(verdict, sounds, page);
    const isKept = verdict.status !== 'passed' || written < TEXT_BUDGET;
    const part = pageData(`v${place}`, isKept ? whole : withoutTexts(whole));
    written += part.length;
    yield part;
  }
  yield pageEnd(pageAssets());
}

function begin(index: PageIndex): string {
  const { title, language } = index;
  return pageBegin({ title, language, ...pageAssets(), plain: plainList(index), hasAudio: true });
}

/** The list for a reader who lets no script run, such as a CI server that shows files of a build. */
function plainList({ rows, summary, language }: PageIndex): string {
  const { columns, shown, status: names } = language === 'ko' ? KO : EN;
  const counts = STATUSES.map((status) => `${names[status]} ${summary[status]}`);
  const list = plainTable(
    [columns.status, columns.test, '', columns.reason],
    rows.map(({ status, title, file, cause }) => [names[status], title, file, cause]),
  );
  return `<p>${[shown(summary.total, summary.total), ...counts].join(' · ')}</p>\n${list}`;
}

function withoutTexts(verdict: PageVerdict): PageVerdict {
  const attempts = verdict.attempts.map((attempt) => ({
    ...attempt,
    withoutTexts: true,
    ladder: {
      ...attempt.ladder,
      rows: attempt.ladder.rows.map((row) => (row.kind === 'message' ? { ...row, text: '' } : row)),
    },
  }));
  return { ...verdict, attempts };
}

/** A relative URL: a path may hold `#`, `?` or `%`, begin like a scheme, or have halves of characters. */
function urlOf(path: string): string {
  const parts = path.replace(/\p{Cs}/gu, '\ufffd').split('/');
  return `./${parts.map(encodeURIComponent).join('/')}`;
}
