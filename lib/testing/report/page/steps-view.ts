import { el, section, svg, timeText } from '../../../page';
import type { PageContext } from './main';
import type { PageAttempt } from './model';

/** The steps of an attempt as a timeline. */
export function stepsView({ words }: PageContext, attempt: PageAttempt): HTMLElement | undefined {
  const { steps, reason, status, durationMs } = attempt;
  if (steps.length === 0) return undefined;
  const failing =
    status === 'failed'
      ? (steps.findLast(({ node }) => node.id === reason?.node?.id) ?? steps.at(-1))
      : undefined;
  const whole = Math.max(1, durationMs, ...steps.map((step) => step.atMs + step.durationMs));
  return section(
    words.steps,
    'steps',
    el(
      'ol',
      {},
      ...steps.map((step) => {
        const { node, atMs, outcome, detail } = step;
        const x = (100 * Math.max(0, atMs)) / whole;
        const width = Math.max(0.8, (100 * step.durationMs) / whole);
        return el(
          'li',
          { class: step === failing ? 'failed' : '' },
          el('span', { class: 'time' }, timeText(atMs)),
          svg(
            'svg',
            { class: 'track', viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
            svg('rect', { class: 'rail', x: 0, y: 2.5, width: 100, height: 1 }),
            svg('rect', { class: 'bar', x: Math.min(x, 99.2), y: 0, width, height: 6 }),
          ),
          el(
            'span',
            { class: 'what' },
            el('b', { title: node.type }, node.name || node.type),
            ` ${outcome}`,
            detail ? el('span', { class: 'quiet' }, ` ${detail}`) : undefined,
            step === failing ? el('span', { class: 'here' }, ` ◀ ${words.failedHere}`) : undefined,
          ),
        );
      }),
    ),
  );
}
