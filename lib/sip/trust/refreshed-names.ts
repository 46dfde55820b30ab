import type { Clock } from '../../common';
import type { Router } from '../transport/router';
import type { Peer } from '../transport/transport';
import type { KnownHost } from './known-host';

/** Age of a name's addresses after which DNS is asked again; they hold until it has answered. */
const FRESH_MS = 60_000;
/** Soonest that a name is asked for again which DNS did not find. */
const RETRY_MS = 5_000;

/** Hosts whose addresses come from DNS: asked again on use, once they are old. */
export class RefreshedNames {
  #askAgainAt = -Infinity;
  #asking: Promise<void> | undefined;

  constructor(
    readonly hosts: readonly KnownHost[],
    private readonly clock: Clock,
    private readonly router: Router,
  ) {}

  /** Whether a request comes from one of them, or goes there. What DNS has not told yet counts as no. */
  includes(peer: Peer): boolean {
    void this.refresh();
    return this.hosts.some((each) => each.includes(peer));
  }

  /** Whether an address is that of one of them, whatever the port. */
  includesAddress(address: string): boolean {
    void this.refresh();
    return this.hosts.some((each) => each.includesAddress(address));
  }

  /** Asks DNS for the addresses when those known are old. Resolves when that is done; never rejects. */
  refresh(): Promise<void> {
    if (this.#asking) return this.#asking;
    if (this.clock.now() < this.#askAgainAt || !this.hosts.some((each) => each.isName)) {
      return Promise.resolve();
    }
    return (this.#asking = this.#ask());
  }

  async #ask(): Promise<void> {
    this.#askAgainAt = Infinity;
    const found = await Promise.all(this.hosts.map((each) => this.#find(each)));
    this.#askAgainAt = this.clock.now() + (found.every(Boolean) ? FRESH_MS : RETRY_MS);
    this.#asking = undefined;
  }

  /** Asks DNS for a host. When that fails the addresses known stay: calls must not depend on it every minute. */
  async #find(host: KnownHost): Promise<boolean> {
    if (!host.isName) return true;
    try {
      host.relearn(await this.router.places(host.uri));
      return true;
    } catch {
      return false;
    }
  }
}
