import type { PageRow } from './model';

export const ORDERS = ['failures', 'run', 'slowest'] as const;
export const STATUSES = ['failed', 'flaky', 'skipped', 'passed'] as const;

/** What is shown: a part of the list, or a verdict. It stands in the address, so that it can be sent to others. */
export interface PageState {
  /** Place of the verdict that is shown, in the report. */
  verdict?: number;
  /** Attempt that is shown, counted from 1; the last one when absent. */
  attempt?: number;
  /** Statuses that are shown; all when there are none. */
  statuses: PageRow['status'][];
  text: string;
  tag: string;
  /** Least duration, seconds. */
  slower: number;
  order: (typeof ORDERS)[number];
  language?: string;
}

/** Reads the part of an address behind `#`. */
export function stateOf(hash: string): PageState {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const whole = (name: string): number | undefined => {
    const value = Number(fields.get(name) ?? NaN);
    return Number.isInteger(value) && value >= 0 ? value : undefined;
  };
  const verdict = whole('v');
  const attempt = whole('a');
  const statuses = (fields.get('status') ?? '').split(',');
  const slower = Number(fields.get('min'));
  const language = fields.get('lang');
  return {
    ...(verdict === undefined ? {} : { verdict }),
    ...(attempt === undefined ? {} : { attempt }),
    statuses: STATUSES.filter((status) => statuses.includes(status)),
    text: fields.get('q') ?? '',
    tag: fields.get('tag') ?? '',
    slower: slower > 0 ? slower : 0,
    order: ORDERS.find((order) => order === fields.get('order')) ?? 'failures',
    ...(language ? { language } : {}),
  };
}

/** The address of a state; what is usual is left out. */
export function hashOf(state: PageState): string {
  const fields = new URLSearchParams();
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && value !== '' && value !== 0) fields.set(name, String(value));
  };
  if (state.verdict !== undefined) fields.set('v', String(state.verdict));
  add('a', state.attempt);
  add('status', state.statuses.join(','));
  add('q', state.text);
  add('tag', state.tag);
  add('min', state.slower);
  add('order', state.order === 'failures' ? undefined : state.order);
  add('lang', state.language);
  return `#${fields.toString()}`;
}

/** Places of the verdicts that fit, in the order that is asked for. */
export function placesIn(rows: readonly PageRow[], state: PageState): number[] {
  const wanted = state.text.toLowerCase().split(/\s+/).filter(Boolean);
  const places = rows.flatMap((row, place) => (fits(row, state, wanted) ? [place] : []));
  if (state.order === 'slowest') return places.sort((a, b) => rows[b].durationMs - rows[a].durationMs);
  if (state.order === 'failures') return places.sort((a, b) => rankOf(rows[a]) - rankOf(rows[b]));
  return places;
}

function fits(row: PageRow, state: PageState, wanted: readonly string[]): boolean {
  if (state.statuses.length > 0 && !state.statuses.includes(row.status)) return false;
  if (state.tag !== '' && !row.tags.includes(state.tag)) return false;
  if (row.durationMs < state.slower * 1000) return false;
  const text = [row.title, row.file, row.cause, ...row.tags].join('\n').toLowerCase();
  return wanted.every((word) => text.includes(word));
}

function rankOf({ status }: PageRow): number {
  return STATUSES.indexOf(status);
}
