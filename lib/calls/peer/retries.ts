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

  /** @throws SipflowError BAD_CONFIG for a status that is none */
  constructor({ retries, retryPause, retryOn }: Pick<DialOptions, 'retries' | 'retryPause' | 'retryOn'>) {
    this.#left = retries ?? DEFAULTS.retries;
    this.pauseMs = (retryPause ?? DEFAULTS.retryPause) * 1000;
    this.#statuses = statusesOf(retryOn?.trim() || DEFAULTS.retryOn);
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
