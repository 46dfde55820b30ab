/** Call transfer: REFER (RFC 3515), Replaces (RFC 3891), Referred-By (RFC 3892). */
export { readRefer, type IncomingRefer } from './incoming-refer';
export { REFER_EXPIRES, type ReferNotifier } from './refer-notifier';
export type { ReferOutcome } from './refer-progress';
export { sendRefer, type ReferOptions } from './refer-subscription';
export { formatReferTo, type ReferTarget } from './refer-to';
export { parseReplaces, type Replaces } from './replaces';
export type { ReferStatus } from './sipfrag';
