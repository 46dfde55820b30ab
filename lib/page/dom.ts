import { escapeUnseen } from '../evidence';

type Value = string | number | boolean | undefined | ((event: Event) => void);
export type Child = Node | string | undefined;

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Makes an element. Texts become text nodes, never markup, with characters that cannot be seen replaced. A function is a
 * listener of the event of its name, `true` an attribute without a value, `false` and undefined none.
 */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled<Kind extends Element>(
  element: Kind,
  attributes: Record<string, Value>,
  children: readonly Child[],
): Kind {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.flatMap((child) => (child === undefined ? [] : [nodeOf(child)])));
  return element;
}

function nodeOf(child: Node | string): Node {
  return typeof child === 'string' ? document.createTextNode(escapeUnseen(child)) : child;
}

/** A part of a page with its heading; undefined when there is nothing in it. */
export function section(title: string, kind: string, ...children: Child[]): HTMLElement | undefined {
  const shown = children.filter((child) => child !== undefined);
  if (shown.length === 0) return undefined;
  return el('section', { class: `card ${kind}` }, el('h2', {}, title), ...shown);
}
