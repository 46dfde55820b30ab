import { randomBytes } from 'node:crypto';
import { AuthExchange } from './auth-exchange';
import { formatAuthorization } from './authorization';
import type { Challenge } from './challenge';
import type { ClientCredentials } from './client-credentials';
import type { AuthHeader, AuthKind, AuthRequest, Permission } from './types';

/** Realms that one dialog or registration remembers; real paths have one or two. */
const MAX_REALMS = 8;
const NO_SESSIONS: readonly RealmSession[] = [];

/** Session with a realm that challenged us: its latest challenge and our cnonce for its nonce. */
export interface RealmSession {
  readonly kind: AuthKind;
  readonly challenge: Challenge;
  /** Stays the same while the nonce does, so that the session key of the -sess algorithms does too. */
  readonly cnonce: string;
}

/** Begins to authenticate the requests of one dialog. */
export interface Authenticator {
  begin(request: AuthRequest): AuthExchange;
}

/**
 * Realms on the path of a dialog or a registration, as far as they have challenged: make one per dialog and
 * one per registration. Later requests carry their credentials at once, which saves a round trip
 * (RFC 3261, 22.2 and 22.3), and no host outside of that path ever sees them.
 */
export class AuthScope {
  /** Made with the first challenge: most dialogs never see one. */
  #sessions: Map<string, RealmSession> | undefined;

  /**
   * @param credentials undefined when the phone has none: every challenge is then given up with advice
   * @param makeCnonce a fresh, unpredictable text of token characters
   */
  constructor(
    private readonly credentials: ClientCredentials | undefined,
    private readonly makeCnonce: () => string = randomCnonce,
  ) {}

  /**
   * Begins to authenticate one request; keep the exchange until the request's final response.
   *
   * @param permitted asked before credentials are written, for each transmission
   */
  begin(request: AuthRequest, permitted: Permission): AuthExchange {
    return new AuthExchange(this, this.credentials, request, permitted);
  }

  /** Begins requests that have one permission in common. */
  within(permitted: Permission): Authenticator {
    return { begin: (request) => this.begin(request, permitted) };
  }

  /** The sessions that a new request answers without being asked. */
  known(): readonly RealmSession[] {
    return this.#sessions ? [...this.#sessions.values()] : NO_SESSIONS;
  }

  /** Remembers a challenge. The session of a nonce that is known already goes on. */
  learn(kind: AuthKind, challenge: Challenge): RealmSession {
    const key = `${kind} ${challenge.realm}`;
    const sessions = (this.#sessions ??= new Map<string, RealmSession>());
    const before = sessions.get(key);
    const cnonce = before?.challenge.nonce === challenge.nonce ? before.cnonce : this.makeCnonce();
    const session: RealmSession = { kind, challenge, cnonce };
    sessions.delete(key);
    sessions.set(key, session);
    if (sessions.size > MAX_REALMS) {
      for (const oldest of sessions.keys()) {
        sessions.delete(oldest);
        break;
      }
    }
    return session;
  }

  /** Forgets a realm whose challenge could not be met, so that no later request repeats the mistake. */
  forget(kind: AuthKind, realm: string): void {
    this.#sessions?.delete(`${kind} ${realm}`);
  }

  /** Replaces the nonce after `Authentication-Info: nextnonce` (RFC 7616, 3.5). */
  renew(session: RealmSession, nextNonce: string): void {
    if (nextNonce === session.challenge.nonce) return;
    this.learn(session.kind, { ...session.challenge, nonce: nextNonce, stale: false });
  }

  /** The header field that answers a session for a request; counts the nonce up. */
  authorize(session: RealmSession, request: AuthRequest): AuthHeader {
    const name = session.kind === 'proxy' ? 'Proxy-Authorization' : 'Authorization';
    if (!this.credentials) throw new TypeError('a session exists without credentials');
    return [name, formatAuthorization(this.credentials, session, request)];
  }
}

function randomCnonce(): string {
  return randomBytes(12).toString('hex');
}
