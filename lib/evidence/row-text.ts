import type { LadderMarkRow, LadderMessageRow } from './types';

const MARKS: Readonly<Record<LadderMarkRow['mark'], string>> = {
  digit: '#',
  prompt: '♪',
  heard: '◉',
  recording: '●',
  step: '▸',
  note: '·',
  check: '✓',
};
const RESULTS = { passed: '✓', failed: '✗', warning: '!' } as const;

/** `12.345`: seconds. */
export function secondsText(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** The sign of a mark. */
export function markSign({ mark, result }: LadderMarkRow): string {
  return result ? RESULTS[result] : MARKS[mark];
}

/** Text on an arrow: `INVITE ×3`. A failure begins with ✗, so that it does not depend on colour. */
export function arrowText({ label, copies, tone }: LadderMessageRow): string {
  return `${tone === 'failure' ? '✗ ' : ''}${label}${copies > 1 ? ` ×${copies}` : ''}`;
}
