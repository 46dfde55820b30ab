import type { Clock } from '../common';
import { BindingClient, type BindingClientOptions, type BindingResult } from './binding-client';
import type { MappedAddress } from './mapped-address';

export interface AddressMonitorOptions extends Omit<BindingClientOptions, 'onResult'> {
  /**
   * Between the end of one request and the next; 25,000 ms when absent, which also keeps a NAT open (RFC 5626, 4.4.2).
   */
  intervalMs?: number;
  /** A number in [0, 1): up to a fifth of the interval is taken off, so that many phones are not in step. */
  random?: () => number;
  /** The address became known or changed. */
  onAddress(mapped: MappedAddress): void;
  /** A request failed; the next one follows after the interval, the last address stays. */
  onFailure(result: Extract<BindingResult, { kind: 'failed' }>): void;
}

/** Asks a STUN server again and again through one socket, and tells when our public address changed. */
export class AddressMonitor {
  #client: BindingClient | undefined;
  #timer: ReturnType<Clock['setTimeout']> | undefined;
  #mapped: MappedAddress | undefined;
  #closed = false;

  constructor(private readonly options: AddressMonitorOptions) {}

  /** The address that was last reported. */
  get mapped(): MappedAddress | undefined {
    return this.#mapped;
  }

  /** Begins; does nothing while it runs or after `close`. */
  start(): void {
    if (this.#closed || this.#client || this.#timer) return;
    this.#ask();
  }

  /** @returns whether the datagram was the response to our request */
  receive(bytes: Buffer): boolean {
    return this.#client?.receive(bytes) ?? false;
  }

  /** Stops for good. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#client?.close();
    this.options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #ask(): void {
    this.#timer = undefined;
    this.#client?.close();
    this.#client = new BindingClient({ ...this.options, onResult: (result) => this.#take(result) });
    this.#client.start();
  }

  #take(result: BindingResult): void {
    const { clock, intervalMs = 25_000, random = Math.random } = this.options;
    this.#timer = clock.setTimeout(() => this.#ask(), intervalMs * (1 - 0.2 * random()));
    if (result.kind === 'failed') {
      this.options.onFailure(result);
      return;
    }
    const { address, port } = result.mapped;
    const isSame = this.#mapped?.address === address && this.#mapped.port === port;
    this.#mapped = result.mapped;
    if (!isSame) this.options.onAddress(result.mapped);
  }
}
