import { el, section, soundView } from '../../../page';
import { chartsOf } from './charts';
import type { PageContext } from './main';
import type { PageAttempt, PageCall } from './model';

/** The calls of an attempt: figures, charts, recordings. */
export function callsView(page: PageContext, { calls }: PageAttempt): HTMLElement | undefined {
  return section(page.words.calls, 'calls', ...calls.map((call) => callView(page, call)));
}

function callView(page: PageContext, call: PageCall): HTMLElement {
  const { words } = page;
  const side = call.direction === 'out' ? words.outgoing : words.incoming;
  return el(
    'article',
    {},
    el(
      'h3',
      {},
      el('span', { class: 'tag' }, side),
      call.phone === '' ? undefined : ` ${call.phone}`,
      ` ${call.from} → ${call.to}`,
    ),
    el(
      'dl',
      { class: 'figures' },
      ...call.figures.map(([name, value]) =>
        el(
          'div',
          {},
          el('dt', {}, words.figures[name]),
          el('dd', {}, name === 'srtp' ? (value === 'true' ? words.yes : words.no) : value),
        ),
      ),
    ),
    ...chartsOf(page, call.series),
    ...call.sounds.map((sound) =>
      soundView(words, sound, !sound.missing && sound.audio === undefined ? words.notEmbedded : undefined),
    ),
    el('p', { class: 'quiet id' }, `Call-ID ${call.callId}`),
  );
}
