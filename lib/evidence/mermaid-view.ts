import { escapeMermaid } from './escape';
import { arrowText, markSign, secondsText } from './row-text';
import type { Ladder, LadderRow } from './types';
import { LADDER_WORDS, type LadderLanguage } from './words';

/** A ladder as the text of a Mermaid sequence diagram, which GitHub, GitLab and many wikis draw. */
export function ladderMermaid(ladder: Ladder, options: { language?: LadderLanguage } = {}): string {
  const lines = [
    ...ladder.lanes.map(({ name, address }, lane) => {
      const texts = [...new Set([name, address])].filter((text) => text !== '').map(escapeMermaid);
      return `participant L${lane} as ${texts.join('<br/>') || '?'}`;
    }),
    ...ladder.rows.map((row) => rowLine(row, ladder.lanes.length - 1)),
  ];
  if (ladder.lanes.length === 0) lines.unshift('participant L0 as -');
  if (ladder.rows.length === 0) {
    lines.push(`Note over L0: ${escapeMermaid(LADDER_WORDS[options.language ?? 'en'].empty)}`);
  }
  return `sequenceDiagram\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function rowLine(row: LadderRow, last: number): string {
  const text = (words: string): string => `${escapeMermaid(`${secondsText(row.atMs)} s ${words}`)}`;
  switch (row.kind) {
    case 'message': {
      const arrow = row.status === undefined ? '->>' : '-->>';
      const detail = row.detail === '' ? '' : `<br/>${escapeMermaid(row.detail)}`;
      return `L${row.from}${arrow}L${row.to}: ${text(arrowText(row))}${detail}`;
    }
    case 'media':
      return `Note over ${over(row.from, row.to)}: ${text(row.text)}`;
    case 'mark':
      return `Note over ${row.lane === undefined ? over(0, last) : `L${row.lane}`}: ${text(`${markSign(row)} ${row.text}`)}`;
    case 'gap':
      return `Note over ${over(0, last)}: … ${escapeMermaid(row.text)} …`;
  }
}

function over(a: number, b: number): string {
  const [first, last] = [Math.min(a, b), Math.max(a, b, 0)];
  return first >= last ? `L${last}` : `L${first},L${last}`;
}
