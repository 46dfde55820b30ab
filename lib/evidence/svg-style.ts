/**
 * Colours of a ladder. Text is `currentColor`; a page sets `--ladder-…` on an element around it to use its own. All
 * rules are those of the class, because the style of an SVG within a page is one of the page.
 */
const LIGHT = {
  ink: '#1b1f24',
  paper: '#ffffff',
  lane: '#8c959f',
  request: '#0b63c5',
  success: '#1a7f37',
  provisional: '#6e7781',
  warning: '#9a6700',
  failure: '#c9252d',
  media: '#7a3fb8',
};
const DARK: typeof LIGHT = {
  ink: '#e6edf3',
  paper: '#15191f',
  lane: '#6e7681',
  request: '#6cb0ff',
  success: '#4ac26b',
  provisional: '#9198a1',
  warning: '#d9a520',
  failure: '#ff7b72',
  media: '#c297ff',
};

export type LadderTheme = 'auto' | 'light' | 'dark' | 'page';

function variables(colours: typeof LIGHT): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--l-${name}:var(--ladder-${name},${colour})`)
    .join(';');
}

/** The style of a ladder of its own (`auto`, `light`, `dark`), or of one within a page whose text colour it takes. */
export function ladderStyle(theme: LadderTheme): string {
  const rule = (colours: typeof LIGHT): string =>
    `.sipflow-ladder{${variables(colours)}${theme === 'page' ? '' : ';color:var(--l-ink)'}}`;
  // Background of the texts, since lanes pass behind them; within a page only if it sets `--ladder-paper`.
  const halo = theme === 'page' ? 'var(--ladder-paper,none)' : 'var(--l-paper)';
  return [
    rule(theme === 'dark' ? DARK : LIGHT),
    ...(theme === 'auto' || theme === 'page' ? [`@media (prefers-color-scheme:dark){${rule(DARK)}}`] : []),
    // On paper there is no dark.
    `@media print{${rule(LIGHT)}}`,
    '.sipflow-ladder text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:currentColor;' +
      `stroke:${halo};stroke-width:3px;stroke-linejoin:round;paint-order:stroke;white-space:pre;user-select:text}`,
    '.sipflow-ladder .name,.sipflow-ladder .label{font-weight:600}',
    '.sipflow-ladder .quiet{opacity:.75}',
    '.sipflow-ladder .paper{fill:var(--l-paper)}',
    '.sipflow-ladder .lane{stroke:var(--l-lane);stroke-width:1}',
    '.sipflow-ladder .gap{stroke-dasharray:2 4}',
    '.sipflow-ladder .arrow{stroke:var(--tone);fill:var(--tone);stroke-width:1.5}',
    '.sipflow-ladder .bar{stroke-width:5;stroke-opacity:.45}',
    '.sipflow-ladder .sign{fill:var(--tone)}',
    '.sipflow-ladder .row{--tone:var(--l-request)}',
    ...Object.entries({
      success: ['success', 'passed'],
      provisional: ['provisional', 'mark'],
      warning: ['redirect', 'challenge', 'warning'],
      failure: ['failure', 'failed'],
      media: ['media'],
    }).map(
      ([colour, names]) =>
        `${names.map((name) => `.sipflow-ladder .${name}`).join()}{--tone:var(--l-${colour})}`,
    ),
  ].join('\n');
}
