import { type Clock, systemClock } from '../../common';
import type { MediaHostName } from '../../sdp';
import { DnsCache, type DnsResolver, systemResolver } from '../../sip';

/** How long an offer or answer waits for the name in it: the caller hears nothing meanwhile. */
const PATIENCE_MS = 2000;

/**
 * Finds the addresses of host names in `c=` lines (RFC 8866, 5.7), with the cache and the limits of the look-ups of
 * SIP. One for each phone; nothing is asked before a peer has sent a name.
 */
export class MediaHosts {
  #cache: DnsCache | undefined;

  /** @param resolver for tests; the system's when absent. */
  constructor(
    private readonly clock: Clock = systemClock,
    private readonly resolver?: DnsResolver,
  ) {}

  /** An address of the host; undefined when there is none, or none within two seconds. Never rejects. */
  async find({ name, family }: MediaHostName): Promise<string | undefined> {
    this.#cache ??= new DnsCache(this.resolver ?? systemResolver(), this.clock);
    const asked = this.#cache.addresses(name.toLowerCase().replace(/\.$/, ''));
    let timer: ReturnType<Clock['setTimeout']> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = this.clock.setTimeout(() => resolve(undefined), PATIENCE_MS);
    });
    const answer = await Promise.race([asked, late]);
    this.clock.clearTimeout(timer);
    return answer?.items.find((found) => found.family === family)?.address;
  }
}
