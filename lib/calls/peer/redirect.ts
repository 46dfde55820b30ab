import type { SipResponseInfo } from '../../sip';
import { redirectContacts } from '../report/sip-report';

/** A redirection that leads on and on ends here. */
const MAX_REDIRECTIONS = 5;

/** The contacts that a call was redirected to and that were not tried yet, best first (RFC 3261, 8.1.3.4). */
export class Redirections {
  readonly #waiting: string[] = [];
  readonly #seen: string[];
  #tried = 0;

  /** @param target the URI that was called first; a contact equal to it is a loop; after `sips:` none may be `sip:` */
  constructor(
    private readonly follow: boolean,
    target: string,
  ) {
    this.#seen = [target];
  }

  /**
   * The next URI to call after a failure; undefined when the failure is final.
   *
   * @param mayCall whether a contact may be called, by who has named it
   */
  next(response: SipResponseInfo, mayCall: (uri: string) => boolean): string | undefined {
    if (!this.follow) return undefined;
    const schemes = /^sips:/i.test(this.#seen[0]) ? /^sips:/i : /^sips?:/i;
    const fresh = redirectContacts(response).filter(
      (uri) => schemes.test(uri) && !this.#seen.includes(uri) && mayCall(uri),
    );
    this.#seen.push(...fresh);
    this.#waiting.unshift(...fresh);
    // A busy or missing contact leaves the next one its chance; 6xx speaks for the person everywhere.
    if (response.status >= 600 || this.#tried >= MAX_REDIRECTIONS) return undefined;
    const uri = this.#waiting.shift();
    if (uri !== undefined) this.#tried += 1;
    return uri;
  }
}
