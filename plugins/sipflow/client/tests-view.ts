import { durationText, el } from '../../../lib/page';
import type { LastVerdicts, TestRow } from '../server/tests';
import { ask, load, tell } from './api';
import { button, iconButton } from './buttons';
import { reveal, tabLabel } from './flow';
import { LoadView } from './load-view';
import { attempt } from './notice';
import { VerdictView } from './verdict-view';
import type { View } from './view';
import { language, say } from './words';

interface TestList {
  queue: { done: number; all: number };
  tests: TestRow[];
}

/** The test cases of the workspace with their last verdicts, and running them. */
export class TestsView implements View {
  readonly element: HTMLElement;
  readonly #cases = el('div', { class: 'sipflow-scroll' });
  readonly #progress = el('p', { class: 'sipflow-quiet sipflow-count', role: 'status' });
  readonly #front: HTMLElement;
  readonly #stop: HTMLButtonElement;
  readonly #buttons: HTMLButtonElement[];
  #tests: TestRow[] = [];
  #shown = '';
  #opened: VerdictView | LoadView | undefined;
  /** What had the focus when a verdict was opened. */
  #opener: string | undefined;

  /** @param openCall shows a call of a verdict */
  constructor(private readonly openCall: (id: string) => Promise<void>) {
    const run = (text: string, chosen: () => TestRow[]): HTMLButtonElement =>
      button(text, '', () => this.#run(chosen().map(({ id }) => id)));
    this.#buttons = [
      run(say('tests.runAll'), () => this.#tests),
      run(say('tests.runTab'), () => this.#tests.filter(({ tab }) => tab === RED.workspaces.active())),
      run(say('tests.runFailed'), () => this.#tests.filter(isFailed)),
    ];
    this.#stop = button(say('tests.stop'), 'stop', () =>
      attempt(async () => void (await tell('tests/stop'))),
    );
    const report = button(say('tests.report'), 'external-link', () => this.#openReport());
    this.#front = el(
      'div',
      { class: 'sipflow-front' },
      el('div', { class: 'sipflow-bar' }, ...this.#buttons, this.#stop, report),
      this.#progress,
      this.#cases,
    );
    this.element = el('div', { class: 'sipflow-fill' }, this.#front);
  }

  async refresh(): Promise<void> {
    if (this.#opened instanceof LoadView) return this.#opened.refresh();
    const { queue, tests } = await ask<TestList>('tests');
    this.#tests = tests;
    const text = JSON.stringify([queue, tests]);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#draw(queue);
  }

  #draw(queue: TestList['queue']): void {
    const mayWrite = RED.user.hasPermission('sipflow.write');
    for (const each of this.#buttons) each.hidden = !mayWrite;
    this.#stop.hidden = !mayWrite || queue.all === 0;
    const failed = this.#tests.filter(isFailed).length;
    const words =
      queue.all > 0
        ? say('tests.progress', { done: queue.done, all: queue.all })
        : say('tests.count', { count: this.#tests.length, failed });
    if (this.#progress.textContent !== words) this.#progress.textContent = words;
    const focused = keyOfFocus();
    const tabs = [...new Set(this.#tests.map(({ tab }) => tab))];
    this.#cases.replaceChildren(
      ...(this.#tests.length === 0 ? [el('p', { class: 'sipflow-empty' }, say('tests.none'))] : []),
      ...tabs.flatMap((tab) => [
        el('h4', {}, tabLabel(tab) || say('tests.noTab')),
        el(
          'ul',
          { class: 'sipflow-cards' },
          ...this.#tests.filter((test) => test.tab === tab).map((test) => this.#card(test, mayWrite)),
        ),
      ]),
    );
    focusOn(this.#cases, focused);
  }

  #card(test: TestRow, mayWrite: boolean): HTMLElement {
    const { id, title, running, waiting, last, fault, row, step } = test;
    const kind = running || waiting ? 'waiting' : fault !== undefined ? 'failed' : (last?.status ?? 'over');
    const where = running
      ? [say('tests.running'), row === undefined ? '' : say('tests.row', { row }), step]
          .filter(Boolean)
          .join(' · ')
      : waiting
        ? say('tests.waiting')
        : lastText(last);
    const run = iconButton(say('tests.runOne', { title }), 'play', () => this.#run([id]));
    run.dataset.key = `run ${id}`;
    run.disabled = running || waiting;
    run.hidden = !mayWrite;
    const asLoad = iconButton(say('tests.runLoad', { title }), 'line-chart', () => this.#openLoad(id, title));
    asLoad.dataset.key = `load ${id}`;
    asLoad.hidden = !mayWrite;
    const name = el(
      'button',
      {
        type: 'button',
        class: 'sipflow-title',
        'data-key': `open ${id}`,
        title: last ? say('tests.open') : say('tests.reveal'),
        click: () => (last ? this.#open(last.verdict) : reveal(id)),
      },
      el('span', { class: `sipflow-dot ${kind}`, 'aria-hidden': 'true' }),
      el('b', {}, title),
    );
    return el(
      'li',
      { class: 'sipflow-card' },
      el('div', { class: 'sipflow-line' }, name, run, asLoad),
      el('p', { class: 'sipflow-quiet' }, where),
      running || waiting || !(fault ?? last?.reason)
        ? undefined
        : el('p', { class: kind === 'failed' ? 'sipflow-fault' : 'sipflow-quiet' }, fault ?? last?.reason),
      last && last.verdicts.length > 1 ? this.#rows(last) : undefined,
    );
  }

  #rows({ verdicts }: LastVerdicts): HTMLElement {
    return el(
      'div',
      { class: 'sipflow-chips' },
      ...verdicts.map(({ id, row, status }) =>
        el(
          'button',
          {
            type: 'button',
            class: `sipflow-chip ${status}`,
            'data-key': `row ${id}`,
            'aria-label': `${say('tests.row', { row })}, ${say(`verdict.${status}`)}`,
            click: () => this.#open(id),
          },
          `${SIGNS[status]} ${row}`,
        ),
      ),
    );
  }

  #run(cases: string[]): void {
    attempt(async () => {
      await tell('tests/run', { cases });
      await this.refresh();
    });
  }

  #open(verdict: string): void {
    attempt(async () => {
      this.#show(await VerdictView.load(verdict, { onClose: () => this.#close(), openCall: this.openCall }));
    });
  }

  #openLoad(id: string, title: string): void {
    const view = new LoadView(id, title, () => this.#close());
    attempt(async () => {
      await view.refresh();
      this.#show(view);
    });
  }

  #show(view: VerdictView | LoadView): void {
    this.#opener = keyOfFocus();
    this.#opened?.element.remove();
    this.#opened = view;
    this.#front.hidden = true;
    this.element.append(view.element);
    view.focus();
  }

  #close(): void {
    this.#opened?.element.remove();
    this.#opened = undefined;
    this.#front.hidden = false;
    attempt(() => this.refresh());
    focusOn(this.#cases, this.#opener);
  }

  /** In a window that is opened at once: one that waits for the report would be taken for an advertisement. */
  #openReport(): void {
    const page = window.open('', '_blank');
    attempt(async () => {
      const url = URL.createObjectURL(
        await load(`report?lang=${language()}`).catch((error: unknown) => {
          page?.close();
          throw error;
        }),
      );
      if (page) page.location.href = url;
      // The page has it by then.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
  }
}

export const SIGNS: Record<LastVerdicts['status'], string> = {
  passed: '✓',
  failed: '✗',
  flaky: '±',
  skipped: '○',
};

function isFailed({ last, fault }: TestRow): boolean {
  return fault !== undefined || last?.status === 'failed';
}

function lastText(last: LastVerdicts | undefined): string {
  if (!last) return say('tests.never');
  const { status, rows, failed, durationMs } = last;
  const verdict =
    rows > 1
      ? say(failed > 0 ? 'tests.rowsFailed' : 'tests.rowsPassed', { rows, failed })
      : say(`verdict.${status}`);
  return `${SIGNS[status]} ${verdict} · ${durationText(durationMs)}`;
}

function keyOfFocus(): string | undefined {
  return document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : undefined;
}

function focusOn(place: HTMLElement, key: string | undefined): void {
  if (key !== undefined) place.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
}
