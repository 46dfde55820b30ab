import { SipflowError } from '../../common';
import { DIGEST_ALGORITHMS } from './algorithms';

/*
 * Every reason to give up on a challenge, as a sentence that says what to do. None of them contains a
 * user, a password or a digest; realms come from the network and are shortened to what can be read.
 */

export function noChallenge(status: number, field: string): SipflowError {
  return auth(
    `The peer answered ${status} without a usable ${field} header, so there is nothing to authenticate against: check the server's authentication settings.`,
  );
}

export function noDigest(status: number, schemes: string[]): SipflowError {
  return auth(
    `The peer answered ${status} and asks for ${list(schemes)}; SIPFLOW authenticates with Digest: enable Digest on the server.`,
  );
}

export function noCredentials(status: number, realm: string | undefined): SipflowError {
  const who = realm === undefined ? '' : ` for the realm ${quoted(realm)}`;
  return auth(
    `The peer answered ${status} and asks for credentials${who}: enter user name and password in the SIP phone.`,
  );
}

export function unsupported(realm: string, asked: string[]): SipflowError {
  return auth(
    `The realm ${quoted(realm)} asks for ${list(asked)}; SIPFLOW supports ${DIGEST_ALGORITHMS.join(', ')} with qop auth and auth-int: enable one of them on the server.`,
  );
}

export function otherRealm(realm: string, wanted: string): SipflowError {
  return auth(
    `The realm ${quoted(realm)} asks for credentials, but they are meant for the realm ${quoted(wanted)} only: check the realm or the target.`,
  );
}

export function elsewhere(realm: string): SipflowError {
  return auth(
    `The realm ${quoted(realm)} asks for credentials, but the request went neither to the registrar, the outbound proxy nor the domain of the SIP phone, so it gets none: when it is a server of yours, enter it there.`,
  );
}

export function refused(realm: string): SipflowError {
  return auth(
    `The realm ${quoted(realm)} refused the credentials: check user name and password of the SIP phone.`,
  );
}

export function tooManyRounds(rounds: number): SipflowError {
  return auth(
    `The peer challenged one request more than ${rounds} times: check the server's authentication settings (nonce lifetime, clocks of a cluster).`,
  );
}

function auth(message: string): SipflowError {
  return new SipflowError('AUTH', message);
}

function list(names: string[]): string {
  return names.length === 0 ? 'nothing' : names.slice(0, 4).map(printable).join(', ');
}

function quoted(realm: string): string {
  return `"${printable(realm)}"`;
}

function printable(text: string): string {
  const clean = text.replace(/[^\x20-\x7e\u00a0-\ufffd]/g, '?');
  return clean.length > 64 ? `${clean.slice(0, 63)}…` : clean;
}
