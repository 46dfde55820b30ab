import { el } from '../../../lib/page';
import type { CallDetail } from '../server/call-detail';
import { ask, load, Refusal, tell } from './api';
import { button } from './buttons';
import { callFigures } from './call-figures';
import { goneLabel, labelOf, nodeOf, reveal, showInFlow, tabLabel } from './flow';
import { LadderPanel } from './ladder-panel';
import { attempt, notify, save } from './notice';
import { RecordingsPanel } from './recordings-panel';
import { numberOf } from './times';
import { language, say } from './words';

/** An opened call: figures, ladder, recordings, the nodes that handled it, and what can be done with it. */
export class CallView {
  readonly element: HTMLElement;
  readonly #figures = el('dl', { class: 'sipflow-figures' });
  readonly #nodes = el('div', {});
  readonly #hangUp: HTMLElement;
  readonly #heading: HTMLElement;
  readonly #ladder = new LadderPanel();
  readonly #recordings: RecordingsPanel;
  #detail: CallDetail;
  #nodesShown = '';
  /** The runtime is asked, and has not answered yet. */
  #asks = false;

  /** Rejects with a `Refusal` when there is no such call. */
  static async load(reference: string, onClose: () => void): Promise<CallView> {
    return new CallView(await detailOf(reference), onClose);
  }

  private constructor(detail: CallDetail, onClose: () => void) {
    this.#detail = detail;
    this.#recordings = new RecordingsPanel(this.id);
    const { from, to } = detail.ref;
    this.#heading = el('h3', { tabindex: -1 }, `${numberOf(from)} → ${numberOf(to)}`);
    this.#hangUp = button(say('call.hangUp'), 'phone', () => attempt(() => this.#end()), 'sipflow-danger');
    this.element = el(
      'div',
      {
        class: 'sipflow-scroll sipflow-detail',
        keydown: (event) => {
          if ((event as KeyboardEvent).key !== 'Escape') return;
          event.stopPropagation();
          onClose();
        },
      },
      el('div', { class: 'sipflow-bar' }, button(say('back'), 'chevron-left', onClose), this.#hangUp),
      this.#heading,
      this.#figures,
      el('div', { class: 'sipflow-bar' }, ...this.#exports()),
      el('h4', {}, say('call.ladder')),
      this.#ladder.element,
      this.#recordings.element,
      this.#nodes,
    );
    this.#show();
  }

  get id(): string {
    return this.#detail.ref.id;
  }

  /** The heading has the focus, so that a screen reader begins there. */
  focus(): void {
    this.#heading.focus({ preventScroll: true });
  }

  /** Takes it away. */
  close(): void {
    this.element.remove();
    this.#recordings.dispose();
  }

  async refresh(): Promise<void> {
    // What has ended and is shown as ended stays as it is.
    if (!this.#detail.live || this.#asks) return;
    this.#asks = true;
    try {
      this.#detail = await detailOf(this.id);
      this.#show();
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 404) throw error;
      // It is forgotten, as after a restart of the runtime.
      this.#detail = { ...this.#detail, live: false };
      this.#show();
    } finally {
      this.#asks = false;
    }
  }

  /** Figures and duration go on. That the runtime does not answer is told elsewhere. */
  second(): void {
    if (this.#detail.live) this.refresh().catch(() => undefined);
  }

  #show(): void {
    const { live, ladder, nodes, recordings } = this.#detail;
    this.#hangUp.hidden = !live || !RED.user.hasPermission('sipflow.write');
    this.#figures.replaceChildren(...callFigures(this.#detail));
    this.#ladder.show(ladder);
    this.#recordings.show(recordings);
    const shown = JSON.stringify(nodes);
    if (shown === this.#nodesShown) return;
    this.#nodesShown = shown;
    this.#nodes.replaceChildren(...nodesPart(nodes));
  }

  async #end(): Promise<void> {
    await tell(`calls/${encodeURIComponent(this.id)}/hangup`);
    await this.refresh();
  }

  #exports(): HTMLElement[] {
    const path = (kind: string): string =>
      `calls/${encodeURIComponent(this.id)}/export/${kind}?lang=${language()}`;
    const copy = (kind: string, text: string): HTMLElement =>
      button(text, 'clipboard', () =>
        attempt(async () => {
          const document_ = await load(path(kind));
          RED.clipboard.copyText(await document_.text());
          notify(say('call.copied'), 'success');
        }),
      );
    const keep = (kind: string, text: string): HTMLElement =>
      button(text, 'download', () =>
        attempt(async () => save(await load(path(kind)), `call-${this.id}.${kind}`)),
      );
    return [
      copy('text', say('call.copyText')),
      copy('mermaid', say('call.copyMermaid')),
      keep('svg', say('call.saveSvg')),
      keep('pcap', say('call.savePcap')),
      keep('json', say('call.saveJson')),
    ];
  }
}

function detailOf(reference: string): Promise<CallDetail> {
  return ask(`calls/${encodeURIComponent(reference)}?lang=${language()}`);
}

function nodesPart(ids: readonly string[]): HTMLElement[] {
  if (ids.length === 0) return [];
  const items = ids.map((id) => {
    const node = nodeOf(id);
    if (!node) return el('li', { class: 'sipflow-quiet' }, goneLabel());
    const tab = tabLabel(node.z);
    return el(
      'li',
      {},
      el('button', { type: 'button', class: 'sipflow-link', click: () => reveal(id) }, labelOf(node)),
      tab === '' ? undefined : el('span', { class: 'sipflow-quiet' }, ` ${tab}`),
    );
  });
  return [
    el('h4', {}, say('call.nodes')),
    el('ol', { class: 'sipflow-nodes' }, ...items),
    button(say('call.showInFlow'), 'sitemap', () => showInFlow(ids)),
  ];
}
