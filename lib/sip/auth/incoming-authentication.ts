import { IncomingAuthenticator } from '.';
import type { Clock } from '../../common';
import type { ResponseOptions } from '../message/serialise';
import type { SipRequest } from '../message/sip-message';

/** The account that callers must know. */
export interface CallerAccount {
  user: string;
  password: string;
  /** Shown to callers; `sipflow` when absent. */
  realm?: string;
}

/** Challenges requests whose senders must prove who they are (RFC 3261, 22.2). */
export class IncomingAuthentication {
  readonly #authenticator: IncomingAuthenticator;

  constructor(account: CallerAccount, clock: Clock) {
    this.#authenticator = new IncomingAuthenticator({
      realm: account.realm || 'sipflow',
      passwordOf: (user) => (user === account.user ? account.password : undefined),
      clock,
    });
  }

  /** The challenge to a request without good credentials; undefined when it may pass, as ACK and CANCEL always may. */
  challenge(request: SipRequest): ResponseOptions | undefined {
    const { method, uri, entity, headers } = request;
    if (!IncomingAuthenticator.appliesTo(method)) return undefined;
    const verdict = this.#authenticator.verify(
      { method, uri, body: entity?.content ?? '' },
      headers.all('Authorization'),
    );
    return verdict.kind === 'accepted' ? undefined : { status: verdict.status, fields: verdict.headers };
  }
}
