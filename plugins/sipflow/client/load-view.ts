import { ChartCursor, durationText, el, timeChart, type ChartSeries } from '../../../lib/page';
import type { LoadState } from '../server/loads';
import { ask, load, tell } from './api';
import { button } from './buttons';
import { attempt } from './notice';
import { language, say } from './words';

const USUAL = { stages: '5/s for 30s', expect: 'failed < 1%' };
const TONES = { passed: 'passed', failed: 'failed', 'not-judged': 'flaky' } as const;

/** A test case as a load: its stages, its course while it runs, and what came of it. */
export class LoadView {
  readonly element: HTMLElement;
  readonly #heading: HTMLElement;
  readonly #stages: HTMLInputElement;
  readonly #expect: HTMLInputElement;
  readonly #start: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #report: HTMLButtonElement;
  readonly #state = el('p', { role: 'status' });
  readonly #course = el('div', {});
  #shown = '';

  constructor(
    private readonly id: string,
    title: string,
    onClose: () => void,
  ) {
    this.#heading = el('h3', { tabindex: -1 }, title);
    const field = (name: string): HTMLInputElement =>
      el('input', { type: 'text', name, spellcheck: 'false' });
    this.#stages = field('stages');
    this.#expect = field('expect');
    this.#start = button(say('load.start'), 'play', () => this.#begin());
    this.#stop = button(say('load.stop'), 'stop', () => this.#tell('loads/stop', { case: id }));
    this.#report = button(say('load.report'), 'external-link', () => this.#openReport());
    this.element = el(
      'div',
      {
        class: 'sipflow-scroll sipflow-detail sipflow-load',
        keydown: (event) => {
          if ((event as KeyboardEvent).key !== 'Escape') return;
          event.stopPropagation();
          onClose();
        },
      },
      el('div', { class: 'sipflow-bar' }, button(say('back'), 'chevron-left', onClose)),
      this.#heading,
      el('label', {}, say('load.stages'), this.#stages),
      el('label', {}, say('load.thresholds'), this.#expect),
      el('div', { class: 'sipflow-bar' }, this.#start, this.#stop, this.#report),
      this.#state,
      this.#course,
    );
  }

  /** The heading has the focus, so that a screen reader begins there. */
  focus(): void {
    this.#heading.focus({ preventScroll: true });
  }

  /** Asks the runtime for what is shown. Rejects with a `Refusal`. */
  async refresh(): Promise<void> {
    const state = await ask<LoadState>(`loads/${encodeURIComponent(this.id)}`);
    const text = JSON.stringify(state);
    if (text === this.#shown) return;
    const isFirst = this.#shown === '';
    this.#shown = text;
    if (isFirst) {
      this.#stages.value = state.stages || USUAL.stages;
      this.#expect.value = state.stages === '' ? USUAL.expect : state.expect;
    }
    this.#draw(state);
  }

  #draw(state: LoadState): void {
    const { running, outcome, samples, fault } = state;
    const mayWrite = RED.user.hasPermission('sipflow.write');
    this.#start.hidden = !mayWrite || running;
    this.#stop.hidden = !mayWrite || !running;
    this.#report.hidden = !outcome;
    for (const input of [this.#stages, this.#expect]) input.disabled = running || !mayWrite;
    this.#state.replaceChildren(...(running ? [runningText(state)] : outcome ? [outcomeChip(outcome)] : []));
    this.#course.replaceChildren(
      ...(fault === undefined ? [] : [el('p', { class: 'sipflow-fault' }, fault)]),
      ...(outcome ? outcomeParts(outcome) : []),
      ...(samples.length > 0 ? [charts(state)] : []),
    );
  }

  #begin(): void {
    this.#tell('loads/start', { case: this.id, stages: this.#stages.value, expect: this.#expect.value });
  }

  #tell(path: string, body: object): void {
    attempt(async () => {
      await tell(path, body);
      await this.refresh();
    });
  }

  /** In a window that is opened at once: one that waits for the report would be taken for an advertisement. */
  #openReport(): void {
    const page = window.open('', '_blank');
    attempt(async () => {
      const path = `loads/${encodeURIComponent(this.id)}/report?lang=${language()}`;
      const url = URL.createObjectURL(
        await load(path).catch((error: unknown) => {
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

function runningText({ samples, failed }: LoadState): string {
  const last = samples.at(-1);
  return last
    ? say('load.running', { running: last.running, rate: last.started, failed })
    : say('load.starting');
}

function outcomeChip({ status }: NonNullable<LoadState['outcome']>): HTMLElement {
  return el('span', { class: `sipflow-chip ${TONES[status]}` }, say(`loadStatus.${status}`));
}

function outcomeParts({ message, thresholds, stages }: NonNullable<LoadState['outcome']>): HTMLElement[] {
  const number = (value: number | undefined): string =>
    value === undefined ? say('verdict.nothing') : String(Number(value.toPrecision(3)));
  return [
    ...(message === undefined ? [] : [el('p', { class: 'sipflow-fault' }, message)]),
    ...thresholds.map(({ ok, text, got, unit }) =>
      el('p', {}, `${ok ? '✓' : '✗'} ${text} · ${say('verdict.got')} ${number(got)} ${unit}`),
    ),
    ...stages
      .filter(({ verdict }) => verdict.kind !== 'judged')
      .map(({ text, verdict }) =>
        el('p', { class: 'sipflow-quiet' }, `${text}: ${verdict.reasons.join(' ')}`),
      ),
  ];
}

/** The course of the latest seconds. */
function charts({ samples }: LoadState): HTMLElement {
  const first = samples[0]?.atMs ?? 0;
  const times = samples.map(({ atMs, seconds }) => atMs - first + seconds * 500);
  const last = samples[samples.length - 1];
  const endMs = last.atMs - first + last.seconds * 1000;
  const cursor = new ChartCursor();
  const chart = (
    title: string,
    unit: string,
    least: number,
    ...series: [string, string, (sample: LoadState['samples'][number]) => number | undefined][]
  ): HTMLElement =>
    timeChart(
      {
        title,
        times,
        endMs,
        least,
        series: series.map(([name, kind, of]): ChartSeries => ({ name, kind, values: samples.map(of) })),
        text: (value) => `${Number(value.toPrecision(3))}${unit}`,
        clock: (ms) => durationText(first + ms),
        most: say('load.most'),
      },
      cursor,
    );
  return el(
    'div',
    { class: 'time-charts' },
    chart(
      say('load.rate'),
      '/s',
      1,
      [say('load.started'), '', ({ started }) => started],
      [say('verdict.failed'), 'failed', ({ failed }) => failed],
    ),
    chart(say('load.underWay'), '', 1, ['', '', ({ running }) => running]),
    chart(say('load.setup'), ' ms', 10, ['', '', ({ setupP95Ms }) => setupP95Ms]),
  );
}
