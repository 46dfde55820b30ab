import { el } from '../../../page';
import type { PageIndex, PageVerdict } from './model';
import { hashOf, placesIn, stateOf, type PageState } from './state';
import { Summary } from './summary-view';
import { verdictView } from './verdict-view';
import { languageOf, wordsIn } from './words';

/** What every part of the page knows. */
export interface PageContext {
  index: PageIndex;
  state: PageState;
  words: ReturnType<typeof wordsIn>;
  /** Shows another state; `quietly` when only filters change, which make no step back of their own. */
  go: (change: Partial<PageState>, quietly?: boolean) => void;
  address: (change: Partial<PageState>) => string;
}

const index = read<PageIndex>('index');
const app = document.getElementById('app') as HTMLElement;
let summary: Summary | undefined;
let shownLanguage = '';

function read<Kind>(id: string): Kind {
  return JSON.parse(document.getElementById(id)?.textContent ?? 'null') as Kind;
}

function context(): PageContext {
  const state = stateOf(location.hash);
  const language = languageOf(state.language, index.language);
  document.documentElement.lang = language;
  const address = (change: Partial<PageState>): string => hashOf({ ...stateOf(location.hash), ...change });
  const go = (change: Partial<PageState>, quietly = false): void => {
    if (!quietly) location.hash = address(change);
    else {
      history.replaceState(null, '', address(change));
      show();
    }
  };
  return { index, state, words: wordsIn(language), go, address };
}

function show(): void {
  const page = context();
  const { verdict } = page.state;
  const language = document.documentElement.lang;
  if (verdict !== undefined && index.rows[verdict]) {
    summary = undefined;
    document.title = `${index.rows[verdict].title} · ${index.title}`;
    const view = verdictView(page, verdict, read<PageVerdict>(`v${verdict}`));
    app.replaceChildren(view);
    view.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    scrollTo(0, 0);
    return;
  }
  document.title = index.title;
  if (summary && shownLanguage === language) return summary.update(page);
  shownLanguage = language;
  summary = new Summary(page);
  app.replaceChildren(summary.element);
}

/** j, k, / and Esc, as long as nobody writes or listens. */
function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const target = event.target as HTMLElement;
  const isWriting = /^(INPUT|SELECT|TEXTAREA|AUDIO)$/.test(target.tagName);
  const page = context();
  const { verdict } = page.state;
  if (event.key === 'Escape') {
    if (isWriting) target.blur();
    else if (verdict !== undefined) page.go({ verdict: undefined, attempt: undefined });
    return;
  }
  if (isWriting) return;
  if (event.key === '/' && verdict === undefined) {
    event.preventDefault();
    document.querySelector<HTMLElement>('input[type=search]')?.focus();
  }
  if (event.key !== 'j' && event.key !== 'k') return;
  const places = placesIn(index.rows, page.state);
  const from = verdict === undefined ? -1 : places.indexOf(verdict);
  const next = places[event.key === 'j' ? from + 1 : from - 1];
  if (next !== undefined) page.go({ verdict: next, attempt: undefined });
}

app.append(el('p', {}, '…'));
addEventListener('hashchange', show);
addEventListener('keydown', onKey);
show();
