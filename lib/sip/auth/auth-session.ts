import type { HeaderField } from '../message/extra-headers';
import type { SipResponse } from '../message/sip-message';
import { randomToken } from '../reliability/tokens';
import { ALGORITHMS, parseChallenge, type Challenge } from './challenge';
import { digestResponse, type Credentials, type DigestRequest } from './digest';

/** A proxy chain that challenges more often than this is a loop. */
const MAX_ROUNDS = 5;

/** Which field answers which: credentials never go where they were not asked for. */
const FIELDS: Record<number, { challenge: string; answer: string }> = {
  401: { challenge: 'WWW-Authenticate', answer: 'Authorization' },
  407: { challenge: 'Proxy-Authenticate', answer: 'Proxy-Authorization' },
};

interface Answered {
  answer: string;
  challenge: Challenge;
  uses: number;
}

/**
 * Answers the challenges to one request and its repetitions: several proxies and the server may each ask for
 * credentials of their own (RFC 3261, 22.3), and the answers to the earlier ones stay in the request.
 */
export class AuthSession {
  /** By answering field and realm. */
  readonly #answered = new Map<string, Answered>();
  #rounds = 0;

  constructor(private readonly credentials: Credentials | undefined) {}

  /**
   * Takes a 401 or 407.
   *
   * @returns whether it makes sense to send the request again with `fields`. False without credentials, for a
   *   challenge that we cannot answer, and when the same challenge was answered before: then the password is wrong
   */
  challenged(response: SipResponse): boolean {
    const names = FIELDS[response.status];
    if (!this.credentials || !names || ++this.#rounds > MAX_ROUNDS) return false;
    let progress = false;
    for (const challenge of strongestPerRealm(response.headers.all(names.challenge))) {
      const key = `${names.answer} ${challenge.realm}`;
      const before = this.#answered.get(key);
      if (before && !challenge.stale && before.uses > 0) continue;
      this.#answered.set(key, { answer: names.answer, challenge, uses: 0 });
      progress = true;
    }
    return progress;
  }

  /** The credentials for the request, for every realm that has asked so far. */
  fields(request: DigestRequest): HeaderField[] {
    const { credentials } = this;
    if (!credentials) return [];
    return [...this.#answered.values()].map((each) => {
      each.uses++;
      const value = digestResponse(each.challenge, credentials, request, each.uses, randomToken());
      return [each.answer, value];
    });
  }
}

/** The server lists what it accepts per realm; as a matter of policy we take the strongest (RFC 8760, 2.4). */
function strongestPerRealm(values: string[]): Challenge[] {
  const best = new Map<string, Challenge>();
  for (const value of values) {
    const challenge = parseChallenge(value);
    if (!challenge) continue;
    const known = best.get(challenge.realm);
    if (!known || rank(challenge) < rank(known)) best.set(challenge.realm, challenge);
  }
  return [...best.values()];
}

function rank({ algorithm }: Challenge): number {
  return ALGORITHMS.indexOf(algorithm);
}
