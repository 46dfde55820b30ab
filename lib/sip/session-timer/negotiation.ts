import type { Headers } from '../types';
import { readSessionFields, type Refresher } from './headers';

/** Session timer that we ask for. Seconds; RFC 4028 wants both at least 90, the default of `interval` there is 1800. */
export interface SessionTimerSettings {
  /** The longest time without a refresh that we want. */
  interval: number;
  /** The shortest one that we accept. */
  minimum: number;
  /** Refresher, where the choice is ours; the caller's side when absent. */
  refresher?: 'local' | 'remote';
  /** Times that a 422 has raised these settings; kept by `raiseAfter422`. */
  raised?: number;
}

/** Session interval and refresher that both sides agreed on for a dialog. */
export interface SessionAgreement {
  seconds: number;
  refresher: 'local' | 'remote';
}

/** Header fields to write, by canonical name. `Supported: timer` belongs to every message and is not among them. */
export type SessionHeader = readonly [name: 'Session-Expires' | 'Min-SE' | 'Require', value: string];

/** Verdict on an INVITE or UPDATE: 422, or the session timer fields of its 2xx. */
export type SessionVerdict =
  | { kind: 'reject'; status: 422; headers: SessionHeader[] }
  | {
      kind: 'accept';
      /** For the 2xx. */
      headers: SessionHeader[];
      /** In force once the 2xx is sent; undefined: the session does not expire. */
      agreement: SessionAgreement | undefined;
    };

/** RFC 4028, 4: what `Min-SE` means when it is absent. */
const DEFAULT_MINIMUM = 90;
const MAX_RAISES = 3;

/**
 * Fields of our INVITE, re-INVITE or UPDATE (RFC 4028, 7.1 and 7.4).
 *
 * @param current the agreement of the dialog, whose refresher keeps its job; undefined before the first one
 */
export function requestHeaders(settings: SessionTimerSettings, current?: SessionAgreement): SessionHeader[] {
  const refresher = current?.refresher ?? settings.refresher;
  const seconds = Math.max(current?.seconds ?? settings.interval, settings.minimum);
  const role: Refresher | undefined = refresher && (refresher === 'local' ? 'uac' : 'uas');
  const headers: SessionHeader[] = [
    ['Session-Expires', role ? `${seconds};refresher=${role}` : String(seconds)],
  ];
  // Absent means 90, and some equipment refuses fields that it does not know.
  if (settings.minimum > DEFAULT_MINIMUM) headers.push(['Min-SE', String(settings.minimum)]);
  return headers;
}

/**
 * The settings with which to send a request again that got a 422 (RFC 4028, 7.3). Undefined when that
 * makes no sense: no `Min-SE`, no more than we asked for, or the fourth 422.
 */
export function raiseAfter422(
  settings: SessionTimerSettings,
  headers: Headers,
  current?: SessionAgreement,
): SessionTimerSettings | undefined {
  const { minimum } = readSessionFields(headers);
  const asked = Math.max(current?.seconds ?? settings.interval, settings.minimum);
  const raised = settings.raised ?? 0;
  if (minimum === undefined || minimum <= asked || raised >= MAX_RAISES) return undefined;
  return { ...settings, interval: minimum, minimum, raised: raised + 1 };
}

/**
 * Agreement that a 2xx to our request brings (RFC 4028, 7.2). Undefined: the session does not expire.
 *
 * @param settings what we asked with, for the rare 2xx that does not name the refresher
 */
export function readAnswer(settings: SessionTimerSettings, headers: Headers): SessionAgreement | undefined {
  const { sessionExpires } = readSessionFields(headers);
  if (!sessionExpires) return undefined;
  const { seconds, refresher } = sessionExpires;
  // Without a named refresher we do it ourselves: two refreshers harm less than none.
  if (refresher === undefined) return { seconds, refresher: settings.refresher ?? 'local' };
  return { seconds, refresher: refresher === 'uac' ? 'local' : 'remote' };
}

/**
 * Judges an INVITE, re-INVITE or UPDATE that came in (RFC 4028, 9): 422 when its interval is too short
 * and its sender will understand that, otherwise what its 2xx says.
 *
 * @param settings undefined: session timers are switched off
 * @param current the agreement of the dialog so far, whose refresher keeps its job unless the request says otherwise
 */
export function judgeRequest(
  settings: SessionTimerSettings | undefined,
  headers: Headers,
  current?: SessionAgreement,
): SessionVerdict {
  const { supported, sessionExpires, minimum = DEFAULT_MINIMUM } = readSessionFields(headers);
  // A caller that neither asks for a timer nor knows it is left in peace.
  if (!settings || (!sessionExpires && !supported))
    return { kind: 'accept', headers: [], agreement: undefined };
  if (sessionExpires && supported && sessionExpires.seconds < settings.minimum) {
    return { kind: 'reject', status: 422, headers: [['Min-SE', String(settings.minimum)]] };
  }
  const longest = sessionExpires?.seconds ?? Infinity;
  const seconds = Math.min(longest, Math.max(settings.interval, settings.minimum, minimum));
  const role = chooseRole(supported, sessionExpires?.refresher, current, settings);
  const answer: SessionHeader[] = [['Session-Expires', `${seconds};refresher=${role}`]];
  if (supported) answer.push(['Require', 'timer']);
  return {
    kind: 'accept',
    headers: answer,
    agreement: { seconds, refresher: role === 'uas' ? 'local' : 'remote' },
  };
}

/** The table of RFC 4028, 9; in it we are the `uas`. */
function chooseRole(
  supported: boolean,
  asked: Refresher | undefined,
  current: SessionAgreement | undefined,
  settings: SessionTimerSettings,
): Refresher {
  if (!supported) return 'uas';
  if (asked) return asked;
  return (current?.refresher ?? settings.refresher) === 'local' ? 'uas' : 'uac';
}
