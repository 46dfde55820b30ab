import { el } from '../../../lib/page';

/** A small button with a text and perhaps an icon of the editor. */
export function button(text: string, icon: string, onClick: () => void, kind = ''): HTMLButtonElement {
  return el(
    'button',
    {
      type: 'button',
      class: `red-ui-button red-ui-button-small sipflow-button ${kind}`.trim(),
      click: onClick,
    },
    icon === '' ? undefined : el('i', { class: `fa fa-${icon}`, 'aria-hidden': 'true' }),
    icon === '' ? text : ` ${text}`,
  );
}

/** A button of which only the icon is seen. */
export function iconButton(text: string, icon: string, onClick: () => void): HTMLButtonElement {
  return el(
    'button',
    {
      type: 'button',
      class: 'red-ui-button red-ui-button-small sipflow-button',
      title: text,
      'aria-label': text,
      click: onClick,
    },
    el('i', { class: `fa fa-${icon}`, 'aria-hidden': 'true' }),
  );
}

/** A name with its value, in a list of them; nothing for a value that is not known. */
export function figure(name: string, value: string | number | null | undefined): HTMLElement | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  return el('div', {}, el('dt', {}, name), el('dd', {}, String(value)));
}
