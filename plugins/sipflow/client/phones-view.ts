import { el } from '../../../lib/page';
import type { PhoneRow, RegistrationRow } from '../server/phones';
import { ask } from './api';
import { figure } from './buttons';
import type { View } from './view';
import { say, sayOr } from './words';

interface PhoneList {
  now: number;
  phones: PhoneRow[];
}

/** The phones with their registrations, calls and ports. */
export class PhonesView implements View {
  readonly element = el('div', { class: 'sipflow-scroll' });
  #phones: PhoneRow[] = [];
  /** When the list was asked for, milliseconds of the page's clock. */
  #askedAt = 0;
  #shown = '';

  async refresh(): Promise<void> {
    const { phones } = await ask<PhoneList>('phones');
    this.#askedAt = performance.now();
    this.#phones = phones;
    this.#draw();
  }

  /** The times until registrations are renewed go on by themselves. */
  second(): void {
    if (this.#phones.some(({ registration }) => registration?.nextInMs !== undefined)) this.#draw();
  }

  #draw(): void {
    const passedMs = performance.now() - this.#askedAt;
    const phones = this.#phones.map((phone) => ({ ...phone, ...dueOf(phone.registration, passedMs) }));
    const text = JSON.stringify(phones);
    if (text === this.#shown) return;
    this.#shown = text;
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset.phone : undefined;
    this.element.replaceChildren(
      phones.length === 0
        ? el('p', { class: 'sipflow-empty' }, say('phones.none'))
        : el('ul', { class: 'sipflow-cards' }, ...phones.map(cardOf)),
    );
    if (focused !== undefined)
      this.element.querySelector<HTMLElement>(`[data-phone="${CSS.escape(focused)}"]`)?.focus();
  }
}

interface Due {
  /** Seconds until the registration is renewed or tried again. */
  dueInS?: number;
}

function dueOf(registration: RegistrationRow | undefined, passedMs: number): Due {
  const { nextInMs } = registration ?? {};
  return nextInMs === undefined ? {} : { dueInS: Math.max(0, Math.round((nextInMs - passedMs) / 1_000)) };
}

function cardOf(phone: PhoneRow & Due): HTMLElement {
  const { id, name, number, state, registration, fault, rtp } = phone;
  const kind = faultyOf(phone) ? 'failed' : state === 'ready' ? 'passed' : 'waiting';
  const stateText = sayOr(`phoneState.${state}`, state);
  return el(
    'li',
    { class: 'sipflow-card' },
    el(
      'button',
      {
        type: 'button',
        class: 'sipflow-title',
        'data-phone': id,
        title: say('phones.reveal'),
        click: () => RED.sidebar.config.show(id),
      },
      el('span', { class: `sipflow-dot ${kind}`, 'aria-hidden': 'true' }),
      el('b', {}, name || number || id),
      name === '' || name === number ? undefined : ` ${number}`,
    ),
    el(
      'p',
      { class: 'sipflow-quiet' },
      [stateText, phone.transport.toUpperCase(), phone.address].filter(Boolean).join(' · '),
    ),
    fault === undefined ? undefined : el('p', { class: 'sipflow-fault' }, fault),
    el(
      'dl',
      { class: 'sipflow-figures' },
      figure(say('phones.calls'), phone.maxCalls === 0 ? undefined : `${phone.calls} / ${phone.maxCalls}`),
      rtp === undefined ? undefined : figure(say('phones.rtp'), `${rtp.free} / ${rtp.all}`),
      registration === undefined
        ? undefined
        : figure(say('phones.registration'), registrationText(registration, phone)),
    ),
    registration?.fault === undefined ? undefined : el('p', { class: 'sipflow-fault' }, registration.fault),
  );
}

function registrationText({ state, registrar }: RegistrationRow, { dueInS }: Due): string {
  const words = `${sayOr(`registration.${state}`, state)} · ${registrar}`;
  if (dueInS === undefined) return words;
  return `${words} · ${say(state === 'registered' ? 'phones.renewal' : 'phones.retry', { seconds: dueInS })}`;
}

function faultyOf({ state, registration }: PhoneRow): boolean {
  return state === 'failed' || registration?.state === 'failed';
}
