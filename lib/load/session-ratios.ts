import type { LoadFigures } from './figures';
import type { LoadCall } from './outcome';

/** Final statuses with which a network has done its part (RFC 6076, 4.7): the called side is busy, absent or declines. */
const EFFECTIVE = new Set([480, 486, 600, 603]);
/** What NER counts as well: nobody answered in time. A number that does not exist is none of the called side's doing. */
const USER_SIDE = new Set([...EFFECTIVE, 408, 487]);

/** Whether a call counts for SEER (RFC 6076, 4.7). */
export function isEffective(call: LoadCall): boolean {
  return call.answered || (call.status !== undefined && EFFECTIVE.has(call.status));
}

/** Whether a call counts for NER (ITU-T E.425): answered, or ended by the called side or its equipment. */
export function isNetworkEffective(call: LoadCall): boolean {
  return call.answered || (call.status !== undefined && USER_SIDE.has(call.status));
}

/** Shares of all calls that were placed, from 0 to 1; undefined while there were none. */
export interface SessionRatios {
  /** Answer seizure ratio (ITU-T E.425). */
  asr?: number;
  /** Network effectiveness ratio (ITU-T E.425). */
  ner?: number;
  /** Session establishment ratio (RFC 6076, 4.6): redirections do not count. */
  ser?: number;
  /** Session establishment effectiveness ratio (RFC 6076, 4.7). */
  seer?: number;
}

export function sessionRatios(figures: LoadFigures): SessionRatios {
  const seizures = figures.counter('seizures');
  if (seizures === 0) return {};
  const ratios: SessionRatios = {
    asr: figures.counter('answered') / seizures,
    ner: figures.counter('networkEffective') / seizures,
  };
  const direct = seizures - figures.counter('redirected');
  if (direct > 0) {
    ratios.ser = figures.counter('answered') / direct;
    ratios.seer = figures.counter('effective') / direct;
  }
  return ratios;
}
