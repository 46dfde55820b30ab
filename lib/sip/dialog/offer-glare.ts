import type { ResponseOptions } from '../message/serialise';

/** Side whose offer in a dialog waits for its answer; undefined when none does, so that another may be made. */
export type OpenOffer = 'ours' | 'theirs' | undefined;

/** Longest pause that we ask for, seconds (RFC 3311, 5.2; RFC 3261, 14.2). */
const MAX_RETRY_AFTER = 10;

/**
 * The refusal of an offer that meets one that is still open (RFC 3311, 5.2; RFC 3261, 14.2): 491 where ours waits for
 * the peer, 500 with Retry-After where the peer’s waits for us. Undefined when none is open.
 */
export function refusalFor(open: OpenOffer): ResponseOptions | undefined {
  if (open === undefined) return undefined;
  return open === 'ours' ? { status: 491 } : tryLater();
}

/** 500 with a Retry-After of 0 to 10 s. */
export function tryLater(): ResponseOptions {
  const seconds = Math.floor(Math.random() * (MAX_RETRY_AFTER + 1));
  return { status: 500, fields: [['Retry-After', String(seconds)]] };
}
