import { claimText, valueText } from '../../../evidence';
import { el, ladderWithMessage, section } from '../../../page';
import { clockText } from '../figure-text';
import type { LoadPage, PageFailure } from './model';
import type { Words } from './words';

/** The first failed cases of each cause; one that is opened shows its ladder. */
export function failuresView(words: Words, { failures, stages }: LoadPage): HTMLElement | undefined {
  if (failures.length === 0) return undefined;
  return section(
    words.failures,
    'failed-cases',
    ...failures.map((failure) => failureView(words, failure, stages[failure.stage]?.text ?? '')),
  );
}

function failureView(words: Words, failure: PageFailure, stage: string): HTMLElement {
  const { atMs, title, row, cause, reason, check } = failure;
  const where = [clockText(atMs), stage, title, ...(row === undefined ? [] : [`${words.row} ${row}`])];
  const got = check?.got === undefined || check.got === null ? words.nothing : valueText(check.got);
  return el(
    'details',
    { class: 'failed' },
    el(
      'summary',
      {},
      el('b', {}, reason?.message ?? cause),
      el('span', { class: 'more' }, `${where.join(' · ')} · `, el('code', {}, cause)),
    ),
    check ? el('p', { class: 'claim' }, `${claimText(check)} · ${words.got}: ${got}`) : undefined,
    ladderWithMessage(words, failure, Boolean(failure.withoutTexts)),
  );
}
