import { SipflowError } from '../../common';
import { TOKEN } from '../message/tokens';

/** Why a method is not sent on request, wherever: it belongs to transactions, dialogs and registrations that stand. */
const NEVER: ReadonlyMap<string, string> = new Map([
  ['ACK', 'it acknowledges a final response to INVITE'],
  ['CANCEL', 'it gives up a call that rings: end the call'],
  ['BYE', 'it ends a call: hang up'],
  ['PRACK', 'it acknowledges a provisional response'],
  ['REGISTER', 'the registrar of the phone is set in its settings'],
]);

const NOT_INSIDE: ReadonlyMap<string, string> = new Map([
  ['REFER', 'its reports have to be followed: transfer the call'],
  ['SUBSCRIBE', 'a subscription has a dialog of its own: send it outside of calls'],
  ['PUBLISH', 'it belongs to no dialog (RFC 3903): send it outside of calls'],
]);

const NOT_OUTSIDE: ReadonlyMap<string, string> = new Map([
  ['INVITE', 'it begins a call: place one'],
  ['UPDATE', 'it changes a call'],
  ['INFO', 'it belongs to a call'],
  ['SUBSCRIBE', 'it opens a subscription: use subscribe()'],
]);

/**
 * Checks that a method may be sent on request.
 *
 * @param inside whether within a dialog
 * @throws SipflowError BAD_CONFIG for what is no method, and for one that belongs to the SIP stack or elsewhere
 */
export function assertSendable(method: string, inside: boolean): void {
  if (!TOKEN.test(method) || method.length > 32) {
    throw new SipflowError(
      'BAD_CONFIG',
      `"method" must be the name of a SIP method such as OPTIONS or MESSAGE; it is "${printable(method)}".`,
      { field: 'method' },
    );
  }
  const why = NEVER.get(method) ?? (inside ? NOT_INSIDE : NOT_OUTSIDE).get(method);
  if (why === undefined) return;
  const where = NEVER.has(method) ? '' : inside ? ' inside a call' : ' outside of calls';
  throw new SipflowError('BAD_CONFIG', `${method} cannot be sent${where} on request: ${why}.`, {
    field: 'method',
  });
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);
}
