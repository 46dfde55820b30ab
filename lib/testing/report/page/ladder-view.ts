import { ladderWithMessage, section } from '../../../page';
import type { PageContext } from './main';
import type { PageAttempt } from './model';

/** The ladder of an attempt; a message that is chosen is shown beside it. */
export function ladderView({ words }: PageContext, attempt: PageAttempt): HTMLElement | undefined {
  const { ladder, failedRow, withoutTexts } = attempt;
  const marked = failedRow === undefined ? undefined : { row: failedRow, title: words.failedHere };
  const view = ladderWithMessage(words, { ladder, marked }, Boolean(withoutTexts));
  return view && section(words.ladder, 'ladder', view);
}
