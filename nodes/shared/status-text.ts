import { reasonPhrase, type CallRef, type SipReport } from '../../lib/calls';
import { type ErrorCode, type Failure, SipflowError, toSipflowError } from '../../lib/common';
import { translated, translationKey } from './localise';

/** Characters of a status below a node; more are hard to read in the editor. */
const LONGEST = 30;

/** Faults of this side: a status with them was made here, not received, and says less. */
const OWN: readonly ErrorCode[] = ['TRANSPORT', 'TLS', 'DNS', 'BAD_CONFIG', 'TIMEOUT'];

/** Responses whose phrase says less than the error code: `Not Acceptable Here` stands for codecs and for encryption. */
const VAGUE: readonly number[] = [401, 407, 488, 606];

/** `text` on one line, in at most 30 characters. */
export function shortened(text: string, longest = LONGEST): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  const characters = [...line];
  return characters.length <= longest
    ? line
    : `${characters
        .slice(0, longest - 1)
        .join('')
        .trimEnd()}…`;
}

/**
 * Reason of a failure, short enough for the status of a node: the final response (`404 Not Found`,
 * `488 no common codec`), the port that is taken, the field that is wrong, or the error code. Texts with variable parts
 * come in the language of the runtime, the others as keys, which the editor translates.
 */
export function faultText(error: unknown, sip?: SipReport): string {
  const fault = isFailure(error) ? error : toSipflowError(error);
  const port = portInUse(fault);
  if (port !== undefined) return shortened(translated('brief.portInUse', { port }));
  const status = sip?.status ?? 0;
  if (status >= 300 && !OWN.includes(fault.code)) return responseText(status, fault.code, sip?.reason);
  if (fault.code === 'BAD_CONFIG') {
    const [, field, number] = /field "(\w+)"|^The number (\S+) belongs to another/.exec(fault.message) ?? [];
    const setting = field ?? (fault instanceof SipflowError ? fault.field : undefined);
    if (setting !== undefined) return shortened(translated('brief.setting', { field: setting }));
    if (number !== undefined) return shortened(translated('brief.numberTaken', { number }));
  }
  return translationKey(`short.${fault.code}`);
}

/** Reason why a phone is not registered: the registrar's response, or the error without one. */
export function registrationText(error: unknown, status?: number): string {
  const { code } = toSipflowError(error);
  const why = status === undefined || status < 300 ? translated(`short.${code}`) : responseText(status, code);
  return shortened(translated('brief.registration', { why }));
}

/** Number of calls that a node is busy with. */
export function callsText(calls: number): string {
  return shortened(translated('brief.calls', { calls }));
}

/** The row that a test case is at: `row 3`. */
export function rowText(row: number): string {
  return shortened(translated('brief.row', { row }));
}

/** Outcome of a test case with several rows: `2 of 12 failed`. */
export function verdictsText(failed: number, rows: number): string {
  return shortened(translated(failed > 0 ? 'brief.rowsFailed' : 'brief.rowsPassed', { failed, rows }));
}

/** What a failed check has found: `codec: PCMA`. */
export function foundText(what: string, got: unknown): string {
  const text = typeof got === 'string' ? got : (JSON.stringify(got) ?? '–');
  return shortened(`${what}: ${text}`);
}

/** Peer and duration of a call: `1002 · 00:12`. */
export function inCallText(ref: CallRef, milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const parts = hours > 0 ? [hours, minutes, seconds % 60] : [minutes, seconds % 60];
  const time = parts.map((part) => String(part).padStart(2, '0')).join(':');
  const room = LONGEST - time.length - 3;
  return `${shortened(numberOf(ref.direction === 'out' ? ref.to : ref.from), room)} · ${time}`;
}

function responseText(status: number, code: ErrorCode, reason?: string): string {
  const words = VAGUE.includes(status) ? translated(`short.${code}`) : reason || reasonPhrase(status);
  return shortened(`${status} ${words}`);
}

/** Plain data of a failure, which `msg.failure` carries too. */
function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'code' in value && !(value instanceof Error);
}

/** The port of an EADDRINUSE error, which another program has; undefined for any other error. */
function portInUse(error: unknown, depth = 5): number | undefined {
  if (!(error instanceof Error) || depth === 0) return undefined;
  const { code, port } = error as { code?: unknown; port?: unknown };
  if (code === 'EADDRINUSE' && typeof port === 'number') return port;
  return portInUse(error.cause, depth - 1);
}

/** The user part of a URI, or its host when it has none. */
function numberOf(uri: string): string {
  const rest = uri.replace(/^(sips?|tel):/i, '').replace(/[;?].*$/, '');
  return rest.split('@')[0] || rest;
}
