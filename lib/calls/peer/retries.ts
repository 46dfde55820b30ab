import { DEFAULTS, SipflowError } from '../../common';
import type { DialOptions } from '../types';

/** As many statuses as anybody would name. */
const MAX_STATUSES = 50;

/** Which failures of a call are worth dialling again, how often, and after which pause. */
export class Retries {
  readonly pauseMs: number;
  readonly #statuses: ReadonlySet<string>;
  #left: number;
  #attempt = 1;

  private constructor(retries: number, retryPause: number, statuses: ReadonlySet<string>) {
    this.#left = retries;
    this.pauseMs = retryPause * 1000;
    this.#statuses = statuses;
  }

  /**
   * The retries of a call; undefined for a call that has none, which most are and which is to weigh no more for them.
   *
   * @throws SipflowError BAD_CONFIG for a status that is none
   */
  static of({
    retries = DEFAULTS.retries,
    retryPause = DEFAULTS.retryPause,
    retryOn = '',
  }: Pick<DialOptions, 'retries' | 'retryPause' | 'retryOn'>): Retries | undefined {
    const named = retryOn.trim();
    if (retries === 0 && (named === '' || named === DEFAULTS.retryOn)) return undefined;
    const statuses = statusesOf(named || DEFAULTS.retryOn);
    return retries > 0 ? new Retries(retries, retryPause, statuses) : undefined;
  }

  /** Whether a call that failed with this status is dialled again. */
  covers(status: number): boolean {
    const named = this.#statuses.has(String(status)) || this.#statuses.has(`${Math.floor(status / 100)}xx`);
    return this.#left > 0 && named;
  }

  /** Takes one of the retries; returns which attempt it is: 2 for the first. */
  take(): number {
    this.#left -= 1;
    this.#attempt += 1;
    return this.#attempt;
  }
}

/** Statuses and classes (`5xx`) of a text. */
function statusesOf(text: string): ReadonlySet<string> {
  const statuses = text
    .toLowerCase()
    .split(/[\s,;]+/, MAX_STATUSES)
    .filter((word) => word !== '');
  const strange = statuses.find((word) => !/^[3-6](?:\d\d|xx)$/.test(word));
  if (strange === undefined) return new Set(statuses);
  throw new SipflowError(
    'BAD_CONFIG',
    `"retryOn" must list statuses from 300 to 699 and classes, such as ${DEFAULTS.retryOn}; "${strange.slice(0, 20)}" is none.`,
    { field: 'retryOn' },
  );
}
