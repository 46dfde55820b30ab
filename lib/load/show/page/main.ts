import { el } from '../../../page';
import { failuresView } from './failures-view';
import type { LoadPage } from './model';
import { causesView, chartsView, figuresView, pageHead, pageTop, stagesView, thresholdsView } from './views';
import { workersView } from './workers-view';
import { languageOf, wordsIn } from './words';

const load = JSON.parse(document.getElementById('load')?.textContent ?? 'null') as LoadPage;
const app = document.getElementById('app') as HTMLElement;

function show(): void {
  const chosen = /^#(en|ko)$/.exec(location.hash)?.[1];
  const language = languageOf(chosen, load.language);
  document.documentElement.lang = language;
  document.title = load.title;
  const words = wordsIn(language);
  const views = [thresholdsView, stagesView, chartsView, workersView, figuresView, causesView, failuresView];
  app.replaceChildren(
    el(
      'div',
      { class: 'page' },
      pageHead(words, load),
      el('main', {}, pageTop(words, load), ...views.map((view) => view(words, load))),
    ),
  );
}

addEventListener('hashchange', show);
show();
