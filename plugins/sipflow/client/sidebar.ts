import { el } from '../../../lib/page';
import { Refusal, tell } from './api';
import { CallsView } from './calls-view';
import { faultText } from './notice';
import { PhonesView } from './phones-view';
import { TestsView } from './tests-view';
import { applyTheme } from './theme';
import type { View } from './view';
import { say } from './words';

const SECTIONS = ['phones', 'calls', 'tests'] as const;
type Section = (typeof SECTIONS)[number];

/** Topic of the ticks of the runtime. */
const TOPIC = 'sipflow/changed';
/** How often the runtime hears that the sidebar is open; it forgets it after three times that. */
const RENEWAL_S = 20;
const STORED = 'sipflow-section';

/** The tab *SIP*: three sections, of which the one that is shown is kept up to date while it can be seen. */
export class Sidebar {
  readonly element: HTMLElement;
  readonly #id = crypto.getRandomValues(new Uint32Array(2)).join('-');
  readonly #calls = new CallsView();
  readonly #views: Record<Section, View>;
  readonly #tabs: Record<Section, HTMLElement>;
  readonly #panel = el('div', { class: 'sipflow-panel', role: 'tabpanel', id: 'sipflow-panel' });
  readonly #fault = el('p', { class: 'sipflow-fault', role: 'alert', hidden: true });
  #section: Section = 'calls';
  #clock: number | undefined;
  #seconds = 0;
  /** A refresh runs; another one is wanted after it. */
  #busy = false;
  #again = false;

  constructor() {
    this.#views = {
      phones: new PhonesView(),
      calls: this.#calls,
      tests: new TestsView((id) => this.openCall(id)),
    };
    const tab = (section: Section): HTMLElement =>
      el(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `sipflow-tab-of-${section}`,
          'aria-controls': 'sipflow-panel',
          class: 'sipflow-tab',
          click: () => this.show(section),
          keydown: (event) => this.#onTabKey(event as KeyboardEvent, section),
        },
        say(`section.${section}`),
      );
    this.#tabs = { phones: tab('phones'), calls: tab('calls'), tests: tab('tests') };
    this.element = el(
      'div',
      { class: 'sipflow-sidebar' },
      el(
        'div',
        { class: 'sipflow-tabs', role: 'tablist', 'aria-label': say('title') },
        ...Object.values(this.#tabs),
      ),
      this.#fault,
      this.#panel,
    );
    const stored = localStorage.getItem(STORED);
    this.show(SECTIONS.find((section) => section === stored) ?? 'calls');
    this.#watch();
  }

  show(section: Section): void {
    this.#section = section;
    localStorage.setItem(STORED, section);
    for (const each of SECTIONS) {
      this.#tabs[each].setAttribute('aria-selected', String(each === section));
      this.#tabs[each].setAttribute('tabindex', each === section ? '0' : '-1');
    }
    this.#panel.setAttribute('aria-labelledby', `sipflow-tab-of-${section}`);
    this.#panel.replaceChildren(this.#views[section].element);
    this.#refresh();
  }

  /** Shows a call by an id of ours or by its Call-ID. Rejects with a `Refusal` when it is not known. */
  async openCall(reference: string): Promise<void> {
    this.show('calls');
    await this.#calls.open(reference);
  }

  #onTabKey(event: KeyboardEvent, section: Section): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = SECTIONS[(SECTIONS.indexOf(section) + step + SECTIONS.length) % SECTIONS.length];
    event.preventDefault();
    this.show(next);
    this.#tabs[next].focus();
  }

  /** Follows whether it can be seen: another tab of the sidebar, a closed sidebar and another window all hide it. */
  #watch(): void {
    let intersects = false;
    const look = (): void => this.#setOpen(intersects && document.visibilityState === 'visible');
    new IntersectionObserver((entries) => {
      intersects = entries.at(-1)?.isIntersecting === true;
      look();
    }).observe(this.element);
    document.addEventListener('visibilitychange', look);
    window.addEventListener('pagehide', () => this.#setOpen(false));
  }

  #setOpen(open: boolean): void {
    if (open === (this.#clock !== undefined)) return;
    if (!open) {
      window.clearInterval(this.#clock);
      this.#clock = undefined;
      RED.comms.unsubscribe(TOPIC, this.#refresh);
      tell('close', { sidebar: this.#id }).catch(() => undefined);
      return;
    }
    applyTheme(this.element);
    this.#calls.clear();
    this.#seconds = 0;
    this.#clock = window.setInterval(() => this.#second(), 1_000);
    RED.comms.subscribe(TOPIC, this.#refresh);
    this.#announce();
    this.#refresh();
  }

  #announce(): void {
    tell('open', { sidebar: this.#id }).catch((error: unknown) => this.#failed(error));
  }

  #second(): void {
    this.#seconds += 1;
    if (this.#seconds % RENEWAL_S === 0) {
      applyTheme(this.element);
      this.#announce();
      // What a connection that was away has not told.
      this.#refresh();
    }
    this.#views[this.#section].second?.();
  }

  /** One after the other: ticks that come meanwhile make one more. */
  readonly #refresh = (): void => {
    if (this.#clock === undefined) return;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    this.#views[this.#section]
      .refresh()
      .then(
        () => this.#works(),
        (error: unknown) => this.#failed(error),
      )
      .finally(() => {
        this.#busy = false;
        if (this.#again) {
          this.#again = false;
          this.#refresh();
        }
      });
  };

  #works(): void {
    this.#fault.hidden = true;
    this.#panel.hidden = false;
  }

  #failed(error: unknown): void {
    this.#fault.hidden = false;
    this.#fault.textContent = faultText(error);
    // Whoever may not see it any more sees nothing of it.
    this.#panel.hidden = error instanceof Refusal && error.isForbidden;
  }
}
