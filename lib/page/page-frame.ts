import { createHash } from 'node:crypto';
import { escapeXml, ladderOf, ladderSvg, scriptJson } from '../evidence';

/** A page that is one file and loads nothing. */
export interface PageFrame {
  title: string;
  /** As the browser likes it when absent. */
  language?: 'en' | 'ko' | undefined;
  script: string;
  style: string;
  /** HTML, escaped, for a reader who lets no script run, such as a CI server that shows files of a build. */
  plain: string;
  /** Whether it plays recordings that lie in it or beside it. */
  hasAudio?: boolean;
}

/** The beginning of a page, with a policy that lets only its own script and styles run; its data come next. */
export function pageBegin({ title, language, script, style, plain, hasAudio = false }: PageFrame): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)} ${hashOf(ladderStyle())}`,
    'img-src data:',
    ...(hasAudio ? ["media-src 'self' data: file:"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="${language ?? 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
<noscript>${plain}</noscript>
<div id="app"></div>
`;
}

/** A value in an element that no browser runs. */
export function pageData(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${scriptJson(value)}</script>\n`;
}

/** The end of a page: its script. */
export function pageEnd({ script }: Pick<PageFrame, 'script'>): string {
  return `<script>${script}</script>\n</body>\n</html>\n`;
}

/** Rows of a plain table; the first is its head. */
export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (texts: readonly string[], name: string): string =>
    `<tr>${texts.map((text) => `<${name}>${escapeXml(text)}</${name}>`).join('')}</tr>`;
  return ['<table>', cells(head, 'th'), ...rows.map((texts) => cells(texts, 'td')), '</table>'].join('\n');
}

/** The style in every ladder of a page. */
function ladderStyle(): string {
  const svg = ladderSvg(ladderOf({ calls: [] }), { theme: 'page' });
  return svg.slice(svg.indexOf('<style>') + '<style>'.length, svg.indexOf('</style>'));
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
