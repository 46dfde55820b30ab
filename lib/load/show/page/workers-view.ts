import { el, section } from '../../../page';
import { countText, figureText } from '../figure-text';
import type { LoadPage } from './model';
import { table } from './views';
import type { Words } from './words';

/** The machines of a fleet: what each did, and what of it was lost. */
export function workersView(words: Words, { workers }: LoadPage): HTMLElement | undefined {
  if (!workers) return undefined;
  const columns = [
    words.worker,
    words.started,
    words.failed,
    words.leftOut,
    words.lost,
    words.lateP99,
    words.clockOffset,
  ];
  const rows = workers.map((worker) => ({
    kind: worker.state === 'lost' ? 'failed' : '',
    head: [worker.name, el('span', { class: 'more' }, worker.host)],
    cells: [
      countText(worker.started),
      countText(worker.failed),
      countText(worker.leftOut),
      countText(worker.lostStarts),
      worker.lateP99Ms === undefined ? '–' : figureText(worker.lateP99Ms, 'ms'),
      `${worker.clockOffsetMs} ms`,
    ],
    ...(worker.message === undefined ? {} : { note: { text: worker.message, columns: columns.length } }),
  }));
  return section(words.workers, 'workers', table(columns, rows));
}
