import { valueText } from '../../../evidence';
import { el, section, timeText } from '../../../page';
import type { PageContext } from './main';
import type { PageAttempt } from './model';
import { operatorSign } from './operators';

/** Characters of a value in the table. */
const VALUE_LENGTH = 300;

/** The checks of an attempt with what was wanted and got. */
export function checksView({ words }: PageContext, { checks }: PageAttempt): HTMLElement | undefined {
  if (checks.length === 0) return undefined;
  const column = (text: string): HTMLElement => el('th', { scope: 'col' }, text);
  return section(
    words.checks,
    'checks',
    el(
      'table',
      {},
      el(
        'thead',
        {},
        el('tr', {}, column(words.check), column(words.wanted), column(words.got), column(words.time)),
      ),
      el(
        'tbody',
        {},
        ...checks.map(({ ok, severity, what, operator, wanted, got, atMs, node }) => {
          const result = ok ? 'passed' : severity === 'warning' ? 'flaky' : 'failed';
          const spoken = ok ? words.held : severity === 'warning' ? words.warned : words.failed;
          const value = wanted === undefined ? '' : ` ${valueText(wanted, VALUE_LENGTH)}`;
          return el(
            'tr',
            { class: result },
            el(
              'th',
              { scope: 'row', title: node.name || node.type },
              el(
                'span',
                { class: 'sign', role: 'img', 'aria-label': spoken },
                ok ? '✓' : severity === 'warning' ? '!' : '✗',
              ),
              ` ${what}`,
            ),
            el('td', {}, `${operatorSign(operator)}${value}`),
            el(
              'td',
              { class: 'got' },
              got === undefined || got === null ? words.nothing : valueText(got, VALUE_LENGTH),
            ),
            el('td', { class: 'time' }, timeText(atMs)),
          );
        }),
      ),
    ),
  );
}
