import { contactsOf } from '../message/contacts';
import { splitList } from '../message/header-values';
import { randomToken } from '../message/tokens';
import { isSipScheme, parseSipUri } from '../message/uri';
import type { SipRequest } from '../message/sip-message';
import type { Headers, SipResponseInfo } from '../types';

/** Proxies that a dialog leads through at most; real ones have one to four. */
const MAX_ROUTES = 32;

/**
 * The dialog that a SUBSCRIBE and its first NOTIFY make (RFC 6665, 4.4.1): tags, target, routes and sequence numbers.
 */
export class NotifyDialog {
  readonly callId = randomToken();
  readonly localTag = randomToken();
  #remoteTag: string | undefined;
  #remoteTarget: string;
  #routes: string[];
  #cseq = 0;
  #remoteCseq = -1;

  /**
   * @param target Request-URI of the first SUBSCRIBE
   * @param routes of requests outside of dialogs
   */
  constructor(
    readonly target: string,
    routes: string[],
  ) {
    this.#remoteTarget = target;
    this.#routes = routes;
  }

  get remoteTag(): string | undefined {
    return this.#remoteTag;
  }

  /** Request-URI of the next request. */
  get remoteTarget(): string {
    return this.#remoteTarget;
  }

  get routes(): string[] {
    return this.#routes;
  }

  nextCSeq(): number {
    return ++this.#cseq;
  }

  /** A 2xx to SUBSCRIBE: makes the dialog when no NOTIFY has made it before. */
  answered({ headers, toTag }: SipResponseInfo): void {
    if (this.#remoteTag === undefined && toTag !== undefined) {
      this.#remoteTag = toTag;
      this.#routes = recordedRoutes(headers).reverse();
    }
    if (this.#remoteTag === toTag) this.#retarget(headers);
  }

  /**
   * Whether a NOTIFY belongs to the dialog; the first one makes it, when it overtakes the 2xx. Of several that a
   * forked SUBSCRIBE leads to, the first has the subscription.
   *
   * @returns `stale` when another one has overtaken it
   */
  accepts(request: SipRequest): 'yes' | 'no' | 'stale' {
    const { fromTag, cseq } = request;
    if (fromTag === undefined || (this.#remoteTag !== undefined && this.#remoteTag !== fromTag)) return 'no';
    if (cseq.number <= this.#remoteCseq) return 'stale';
    const { headers } = request.toInfo();
    if (this.#remoteTag === undefined) {
      this.#remoteTag = fromTag;
      this.#routes = recordedRoutes(headers);
    }
    this.#remoteCseq = cseq.number;
    this.#retarget(headers);
    return 'yes';
  }

  #retarget(headers: Headers): void {
    const uri = contactsOf(headers)[0];
    const parsed = uri === undefined ? undefined : parseSipUri(uri);
    if (uri !== undefined && parsed && isSipScheme(parsed.scheme)) this.#remoteTarget = uri;
  }
}

function recordedRoutes(headers: Headers): string[] {
  return (headers['Record-Route'] ?? []).flatMap(splitList).slice(0, MAX_ROUTES);
}
