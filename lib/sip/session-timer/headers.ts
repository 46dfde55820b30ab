import type { Headers } from '../types';

/** Refresher, in the words of the header: the client or the server of the request that carries it. */
export type Refresher = 'uac' | 'uas';

export interface SessionExpires {
  /** The session interval, 1 to 2^32 − 1. */
  seconds: number;
  refresher?: Refresher;
}

/** Session timer fields of a request or response. */
export interface SessionFields {
  /** `timer` in `Supported` or `Require`: the sender knows RFC 4028. */
  supported: boolean;
  sessionExpires?: SessionExpires;
  /** `Min-SE` in seconds. */
  minimum?: number;
}

const DELTA_SECONDS = /^\d{1,10}$/;
const TIMER = /timer/i;
const MAX_SECONDS = 2 ** 32 - 1;

/**
 * Reads the fields of RFC 4028; a field that cannot be understood counts as absent.
 *
 * @param headers by canonical name
 */
export function readSessionFields(headers: Headers): SessionFields {
  const fields: SessionFields = {
    supported: hasTimerOption(headers['Supported']) || hasTimerOption(headers['Require']),
  };
  const expires = headers['Session-Expires']?.[0];
  const sessionExpires = expires === undefined ? undefined : parseSessionExpires(expires);
  if (sessionExpires) fields.sessionExpires = sessionExpires;
  const minimum = parseSeconds(headers['Min-SE']?.[0].split(';', 1)[0]);
  if (minimum !== undefined) fields.minimum = minimum;
  return fields;
}

/** Reads `1800;refresher=uac`. An unknown refresher counts as none. */
export function parseSessionExpires(value: string): SessionExpires | undefined {
  const [first, ...parameters] = value.split(';');
  const seconds = parseSeconds(first);
  if (seconds === undefined) return undefined;
  for (const parameter of parameters) {
    const refresher = /^\s*refresher\s*=\s*"?(uac|uas)"?\s*$/i.exec(parameter)?.[1];
    if (refresher) return { seconds, refresher: refresher.toLowerCase() as Refresher };
  }
  return { seconds };
}

function parseSeconds(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  const seconds = DELTA_SECONDS.test(trimmed) ? Number(trimmed) : 0;
  return seconds >= 1 && seconds <= MAX_SECONDS ? seconds : undefined;
}

function hasTimerOption(values: string[] | undefined): boolean {
  return (
    values?.some(
      (value) => TIMER.test(value) && value.split(',').some((tag) => tag.trim().toLowerCase() === 'timer'),
    ) ?? false
  );
}
