import { parseParameters } from '../message/header-values';
import { readSeconds } from '../registration/contacts';
import type { Headers } from '../types';

/** State of a subscription, as a NOTIFY tells it (RFC 6665, 4.1.3). */
export interface SubscriptionState {
  /** `active`, `pending`, `terminated`, or another word of an extension. */
  state: string;
  /** Why it is terminated: `deactivated`, `probation`, `rejected`, `timeout`, `giveup`, `noresource`, `invariant`. */
  reason?: string;
  /** Seconds after which another subscription may be tried. */
  retryAfter?: number;
  /** Seconds that the subscription lasts from now on. */
  expires?: number;
}

/** Reads `Subscription-State`; undefined when a NOTIFY has none, which it must. */
export function readSubscriptionState(headers: Headers): SubscriptionState | undefined {
  const value = headers['Subscription-State']?.[0];
  const state = value?.split(';', 1)[0]?.trim().toLowerCase();
  if (value === undefined || !state) return undefined;
  const parameters = parseParameters(value);
  const reason = parameters.get('reason');
  const retryAfter = readSeconds(parameters.get('retry-after') ?? undefined);
  const expires = readSeconds(parameters.get('expires') ?? undefined);
  return {
    state,
    ...(reason ? { reason } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(expires === undefined ? {} : { expires }),
  };
}

/** Whether two values of Event name the same package and id (RFC 6665, 4.5.1). */
export function isSameEvent(one: string, other: string): boolean {
  const [first, second] = [one, other].map((value) => ({
    type: value.split(';', 1)[0]?.trim().toLowerCase(),
    id: parseParameters(value).get('id') ?? undefined,
  }));
  return first?.type === second?.type && first?.id === second?.id;
}
