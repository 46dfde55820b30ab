import { SipflowError } from '../../common';
import type { Headers } from '../types';
import { parseAuthFields } from './auth-fields';
import type { AuthScope, RealmSession } from './auth-scope';
import { schemesOf, selectChallenges, type RealmChallenge } from './challenge';
import type { ClientCredentials } from './client-credentials';
import * as giveUp from './give-up';
import type { AuthDecision, AuthHeader, AuthKind, AuthRequest, Permission } from './types';

/**
 * 401 and 407 answers that one request takes; a path with two proxies and a server that all find nonces stale has six.
 */
const MAX_ROUNDS = 6;
/** New nonces of one realm that are answered although the server did not call the old one stale. */
const MAX_UNEXPLAINED = 1;

const FIELDS = [
  ['www', 'WWW-Authenticate', 'Authentication-Info'],
  ['proxy', 'Proxy-Authenticate', 'Proxy-Authentication-Info'],
] as const;

const NO_HEADERS: readonly AuthHeader[] = [];

/** A realm whose credentials the request carries. */
interface Answered {
  session: RealmSession;
  /** Sent without being asked: a new challenge then says nothing about the password. */
  preemptive: boolean;
  unexplained: number;
}

/**
 * Authentication of one request, from its first transmission to its final response. Pure: it decides,
 * the caller sends.
 *
 * A challenge in `WWW-Authenticate` is answered in `Authorization` only, one in `Proxy-Authenticate`
 * in `Proxy-Authorization` only, and only when it came with the status that belongs to it; a forking
 * proxy may add the other kind to the same response (RFC 3261, 22.3).
 */
export class AuthExchange {
  /** By realm; made with the first challenge. */
  #answered: Map<string, Answered> | undefined;
  #latest: readonly AuthHeader[] = NO_HEADERS;
  #rounds = 0;

  /** Made by `AuthScope.begin`. */
  constructor(
    private readonly scope: AuthScope,
    private readonly credentials: ClientCredentials | undefined,
    private readonly request: AuthRequest,
    private readonly permitted: Permission,
  ) {
    for (const session of scope.known()) {
      if (!permitted(session.kind)) continue;
      this.#note(keyOf(session.kind, session.challenge.realm), { session, preemptive: true, unexplained: 0 });
    }
    this.#authorize();
  }

  /**
   * The authentication fields of the request's next transmission: at first the answers to what the scope
   * knows already (mostly none), later those of the last `retry`. The ACK of an INVITE repeats them
   * (RFC 3261, 22.1). None where credentials may not go.
   */
  get headers(): readonly AuthHeader[] {
    return this.#latest.length === 0 ? NO_HEADERS : permittedOf(this.#latest, this.permitted);
  }

  /**
   * Decision after a 401 or 407.
   *
   * @param headers of the response, by canonical name
   * @returns `retry` with every authentication field of the next request (they replace the ones before;
   *   CSeq goes up by one), or `give-up` with an AUTH error that holds no credentials
   */
  challenged(status: number, headers: Headers): AuthDecision {
    if (status !== 401 && status !== 407) throw new TypeError(`${status} is not an authentication challenge`);
    this.#rounds += 1;
    const owed = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const fields = headers[owed] ?? [];
    if (fields.length === 0) return decline(giveUp.noChallenge(status, owed));
    if (!this.credentials) return decline(giveUp.noCredentials(status, selectChallenges(fields)[0]?.realm));
    if (this.#rounds > MAX_ROUNDS) return decline(giveUp.tooManyRounds(MAX_ROUNDS));

    const failures: SipflowError[] = [];
    let answered = 0;
    for (const [kind, name] of FIELDS) {
      for (const realm of selectChallenges(headers[name] ?? [])) {
        const verdict = this.#answer(kind, realm);
        if (verdict === 'answered') answered += 1;
        else if (verdict.final) return decline(verdict.error);
        else failures.push(verdict.error);
      }
    }
    if (answered === 0) return decline(failures[0] ?? giveUp.noDigest(status, schemesOf(fields)));
    this.#authorize();
    return { kind: 'retry', headers: this.headers };
  }

  /** Call with the headers of a 2xx: takes a `nextnonce` for the requests that follow. */
  succeeded(headers: Headers): void {
    for (const [kind, , infoName] of FIELDS) {
      // Authentication-Info has parameters only; a scheme in front makes it readable by the same parser.
      const value = headers[infoName]?.[0];
      const info = value === undefined ? undefined : parseAuthFields([`info ${value}`])[0];
      const next = info?.parameters.get('nextnonce');
      if (!next) continue;
      const session = this.#sessionFor(kind);
      if (session) this.scope.renew(session, next);
    }
  }

  /** Writes the fields of every realm on the path: those satisfied before must see their credentials again. */
  #authorize(): void {
    if (!this.#answered) return;
    this.#latest = [...this.#answered.values()].map(({ session }) =>
      this.scope.authorize(session, this.request),
    );
  }

  #answer(kind: AuthKind, realm: RealmChallenge): 'answered' | { error: SipflowError; final: boolean } {
    const { challenge } = realm;
    const wanted = this.credentials?.realm;
    if (wanted !== undefined && wanted !== realm.realm) {
      return { error: giveUp.otherRealm(realm.realm, wanted), final: false };
    }
    if (!this.permitted(kind)) return { error: giveUp.elsewhere(realm.realm), final: false };
    if (!challenge) return { error: giveUp.unsupported(realm.realm, realm.unsupported), final: false };

    const key = keyOf(kind, realm.realm);
    const before = this.#answered?.get(key);
    let unexplained = before?.unexplained ?? 0;
    if (before && !before.preemptive && !challenge.stale) {
      unexplained += 1;
      const sameNonce = before.session.challenge.nonce === challenge.nonce;
      if (sameNonce || unexplained > MAX_UNEXPLAINED) {
        this.scope.forget(kind, realm.realm);
        return { error: giveUp.refused(realm.realm), final: true };
      }
    }
    this.#note(key, { session: this.scope.learn(kind, challenge), preemptive: false, unexplained });
    return 'answered';
  }

  #note(key: string, answered: Answered): void {
    (this.#answered ??= new Map<string, Answered>()).set(key, answered);
  }

  /**
   * The session that `Authentication-Info` speaks of: that field names no realm, so it must be the only one of its
   * kind.
   */
  #sessionFor(kind: AuthKind): RealmSession | undefined {
    const sessions = this.scope.known().filter((session) => session.kind === kind);
    return sessions.length === 1 ? sessions[0] : undefined;
  }
}

/** Of these authentication fields those that may go where the permission is asked for. */
export function permittedOf(headers: readonly AuthHeader[], permitted: Permission): readonly AuthHeader[] {
  return headers.filter(([name]) => permitted(name === 'Authorization' ? 'www' : 'proxy'));
}

/** Decision of `exchange` on a final response; undefined when that is no challenge. */
export function answerChallenge(
  exchange: AuthExchange,
  response: { status: number; toInfo(): { headers: Headers } } | undefined,
): AuthDecision | undefined {
  if (response?.status !== 401 && response?.status !== 407) return undefined;
  return exchange.challenged(response.status, response.toInfo().headers);
}

function keyOf(kind: AuthKind, realm: string): string {
  return `${kind} ${realm}`;
}

function decline(error: SipflowError): AuthDecision {
  return { kind: 'give-up', error };
}
