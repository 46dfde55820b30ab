import { SipflowError } from '../../common';

/** Responses that the account's or the phone's settings must cure; trying again soon does not help. */
const REFUSALS = new Set([
  400, 401, 402, 403, 404, 405, 406, 407, 410, 413, 415, 416, 420, 421, 423, 484, 485, 604, 606,
]);

export function isRefusal(status: number): boolean {
  return REFUSALS.has(status);
}

/** Error for a registrar's answer other than 2xx, as a sentence for people; AUTH when the account is at fault. */
export function refusedBy(registrar: string, status: number, reason: string): SipflowError {
  const answer = `The registrar ${registrar} answered ${status} ${printable(reason)}`;
  if (status === 403 || status === 401 || status === 407) {
    return new SipflowError('AUTH', `${answer}: check the account's user, password and right to register.`);
  }
  if (status === 404 || status === 604) {
    return new SipflowError(
      'BAD_CONFIG',
      `${answer}: it does not know this user; check the number and the domain.`,
    );
  }
  if (status === 405 || status === 501) {
    return new SipflowError('BAD_CONFIG', `${answer}: it is no registrar; check the registrar's address.`);
  }
  if (status === 423) {
    return new SipflowError('BAD_CONFIG', `${answer}: raise "Registration expiry" of the SIP phone.`);
  }
  if (status >= 300 && status < 400) {
    return new SipflowError(
      'BAD_CONFIG',
      `${answer}: it redirects the registration; enter the registrar that it names.`,
    );
  }
  if (isRefusal(status)) {
    return new SipflowError(
      'BAD_CONFIG',
      `${answer}: check the settings of the SIP phone and of the account.`,
    );
  }
  return new SipflowError('TRANSPORT', `${answer}: it is tried again; check the registrar if this goes on.`);
}

/** A 2xx that grants no time at all: the binding does not stand. */
export function notKept(registrar: string): SipflowError {
  return new SipflowError(
    'BAD_CONFIG',
    `The registrar ${registrar} answered 200 but did not keep our contact: check how many contacts the account may have.`,
  );
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\ufffd]/g, '?').slice(0, 80);
}
