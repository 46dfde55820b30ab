import type { SipDialog } from '../types';
import { writeSipfrag, type ReferStatus } from './sipfrag';

/** Seconds that the subscription lasts: longer than any call that we make for it rings. */
export const REFER_EXPIRES = 120;

/**
 * The notifier's side of one REFER (RFC 3515, 2.4.4): tells the peer how its call fares. One NOTIFY is on its way
 * at a time; a status that is out of date when its turn comes is left out, the final one never.
 */
export class ReferNotifier {
  #waiting: ReferStatus | undefined;
  #busy = false;
  #over = false;
  #delivered: () => void = () => undefined;
  /** Resolves when the final status was answered, or cannot be delivered. */
  readonly finished = new Promise<void>((resolve) => (this.#delivered = resolve));

  /**
   * @param dialog absent when the peer wants no reports
   * @param id CSeq of the REFER
   */
  constructor(
    private readonly dialog: SipDialog | undefined,
    private readonly id: number,
  ) {
    if (!dialog) this.#end();
  }

  /** Reports a status; one of 200 or more is the last. */
  report(report: ReferStatus): void {
    if (this.#over) return;
    this.#over = report.status >= 200;
    this.#waiting = report;
    if (!this.#busy) void this.#deliver();
  }

  async #deliver(): Promise<void> {
    this.#busy = true;
    for (let report = this.#take(); report; report = this.#take()) {
      const final = report.status >= 200;
      const state = final ? 'terminated;reason=noresource' : `active;expires=${REFER_EXPIRES}`;
      const status = await this.#notify(report, state);
      // The peer has forgotten the subscription, or is gone.
      if (final || status >= 300) this.#end();
    }
    this.#busy = false;
  }

  async #notify(report: ReferStatus, state: string): Promise<number> {
    try {
      const response = await this.dialog?.request('NOTIFY', {
        headers: { Event: `refer;id=${this.id}`, 'Subscription-State': state },
        body: writeSipfrag(report),
      });
      return response?.status ?? 481;
    } catch {
      return 481;
    }
  }

  #take(): ReferStatus | undefined {
    const report = this.#waiting;
    this.#waiting = undefined;
    return report;
  }

  #end(): void {
    this.#over = true;
    this.#waiting = undefined;
    this.#delivered();
  }
}
